#!/usr/bin/env bash
# Makes artifacts/subband-VERSION-linux-x64.tar.gz, which runs where there is a C++ compiler and a libtorch or PyTorch,
# but neither .NET nor a network: .NET is inside, and native/ is compiled on first use.
#
#   eng/make-archive.sh [--with-tests]
#
#   --with-tests  adds the engine's tests and ./run-tests, as subband-VERSION-tests-linux-x64.tar.gz
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SUBBAND_ENG=$root/eng
. "$root/eng/dotnet.sh"

limit=45000000 # bytes; what people copy to a server ought to be small
with_tests=false
case "${1:-}" in
  "") ;;
  --with-tests) with_tests=true ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac

require_dotnet_sdk
calm_dotnet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# publish PROJECT FOLDER [OPTION]...: with .NET itself, compiled ahead for a quick start.
publish() {
  dotnet publish "$root/$1" --configuration Release --runtime linux-x64 --self-contained --output "$2" \
    --nologo --verbosity quiet -p:PublishReadyToRun=true -p:ArtifactsPath="$root/artifacts/archive" \
    -p:GenerateDocumentationFile=false -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -p:NuGetAudit=false \
    -p:UseSharedCompilation=false "${@:3}"
}

# Leaves out the parts of .NET that nothing refers to, a quarter of its size. What stays, stays whole (copyused), so that
# reflection finds all it may look for, and the switches that go with real trimming are set back.
without_unused=(-p:PublishTrimmed=true -p:TrimMode=partial "-p:_ExtraTrimmerArgs=--trim-mode copyused --notrimwarn"
  -p:JsonSerializerIsReflectionEnabledByDefault=true
  -p:UseSystemResourceKeys=false -p:EventSourceSupport=true)

echo "Publishing the command line ..." >&2
publish src/Subband.Cli "$work/app" "${without_unused[@]}"
# What only debuggers and tracers of .NET itself load.
rm -f "$work"/app/{libmscordaccore.so,libmscordbi.so,libcoreclrtraceptprovider.so,createdump}
version=$("$work/app/Subband.Cli" --version)
name=subband-$version$($with_tests && echo -tests || true)-linux-x64
target=$work/$name
mkdir -p "$target/eng" "$target/licences"
mv "$work/app" "$target/app"
cp -r "$root/native" "$target/"
cp "$root"/eng/{native,find-libtorch,verbs}.sh "$target/eng/"
cp "$root/eng/archive/subband" "$root/LICENSE" "$target/"
for extra in README.md CHANGELOG.md; do
  [ ! -e "$root/$extra" ] || cp "$root/$extra" "$target/"
done

# .NET is passed on under the MIT licence, which wants its text passed on as well.
runtime=$(sed -n 's/.*"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64": "\(.*\)".*/\1/p' \
  "$target/app/Subband.Cli.deps.json" | head -n 1)
packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
for text in LICENSE.TXT THIRD-PARTY-NOTICES.TXT; do
  cp "${packages%/}/microsoft.netcore.app.runtime.linux-x64/$runtime/$text" "$target/licences/dotnet-$text"
done

if $with_tests; then
  echo "Publishing the engine's tests ..." >&2
  publish tests/Subband.Torch.Tests "$target/tests/bin"
  # The tests look for their golden numbers where they are in a checkout, which they know by its solution file.
  cp "$root/Subband.slnx" "$target/"
  (cd "$root" && find tests/Subband.Torch.Tests \( -name '*.json' -o -name '*.safetensors' \) \
    -exec cp --parents -t "$target" {} +)
  cp "$root/eng/archive/run-tests" "$target/"
fi

archive=$root/artifacts/$name.tar.gz
tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w "$name" |
  gzip -9 > "$work/archive.tar.gz"
size=$(stat -c %s "$work/archive.tar.gz")
mv "$work/archive.tar.gz" "$archive"
printf '%s: %d.%d MB\n' "$archive" $((size / 1000000)) $((size / 100000 % 10))
if ! $with_tests && [ "$size" -gt "$limit" ]; then
  echo "That is more than the $((limit / 1000000)) MB that an archive may have." >&2
  exit 1
fi
