# Keeps the Release command line built. Meant to be sourced; wants eng/dotnet.sh sourced before.
#
# Each build is a folder of its own under artifacts/builds/, and artifacts/app links to the newest complete one: a build
# that is killed, or that runs beside another, harms nobody. A running command holds a shared lock on its folder, so
# that a later build, which removes what is out of date, leaves it alone for as long as it runs.

# app_is_current ROOT: whether no source has changed since the build. Folders count, so that a removed file is noticed, and
# what counts is when a file came to be as it is here: an older one put in its place keeps the time of its contents.
app_is_current() {
  local built=$1/artifacts/app/.built changed
  [ -e "$built" ] && [ -e "${built%.built}Subband.Cli.dll" ] &&
    changed=$(find "$1/src" "$1/models" "$1"/Directory.*.props "$1/global.json" "$1/eng/app.sh" -cnewer "$built" -print -quit) &&
    [ -z "$changed" ]
}

# build_app ROOT: builds it, one process at a time.
build_app() {
  local root=$1 artifacts=$1/artifacts began=$SECONDS target
  if ! mkdir -p "$artifacts/builds" 2> /dev/null || [ ! -w "$artifacts" ]; then
    printf 'subband: %s cannot be written, so the command line cannot be built there. %s\n' "$artifacts" \
      "Build it once as a user who may, or copy the checkout." >&2
    return 1
  fi
  require_dotnet_sdk || return
  exec {lock}> "$artifacts/builds/.lock"
  flock "$lock"
  if ! app_is_current "$root"; then
    echo "subband: building the command line; this can take a minute ..." >&2
    target=$(mktemp -d "$artifacts/builds/app-XXXXXX")
    chmod 755 "$target"
    touch "$target/.built" # before the compiler reads: what is edited meanwhile is newer
    if ! _publish "$root" "$target" >&2 {lock}>&-; then
      rm -rf "$target"
      echo "subband: the build failed, see above." >&2
      exec {lock}>&-
      return 1
    fi
    ln -sfn "builds/${target##*/}" "$artifacts/.app-next"
    mv -T "$artifacts/.app-next" "$artifacts/app"
    _remove_unused_builds "$artifacts"
    echo "subband: built in $((SECONDS - began)) s" >&2
  fi
  exec {lock}>&-
}

# run_app ROOT ARGUMENT...: becomes the command line.
run_app() {
  local root=$1 folder attempt
  shift
  for attempt in 1 2 3; do
    folder=$(readlink -f "$root/artifacts/app")
    if exec {in_use}< "$folder" && flock --shared "$in_use" && [ -e "$folder/Subband.Cli.dll" ]; then
      exec dotnet "$folder/Subband.Cli.dll" "$@"
    fi
    # Replaced and removed since the link was read: by now the link leads elsewhere.
  done
  echo "subband: $root/artifacts/app is damaged; remove it and call again." >&2
  return 1
}

# A subshell: the environment of builds is none for the command that runs afterwards.
# Strictness is for test.sh: a newer SDK's new warnings must not keep anybody from using Subband.
_publish() (
  calm_dotnet
  dotnet publish "$1/src/Subband.Cli" --configuration Release --runtime "linux-$(_dotnet_architecture)" \
    --no-self-contained --output "$2" --nologo --verbosity quiet \
    -p:PublishReadyToRun=true -p:ArtifactsPath="$1/artifacts/publish" -p:GenerateDocumentationFile=false \
    -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -p:NuGetAudit=false -p:UseSharedCompilation=false
)

_remove_unused_builds() {
  local current folder
  current=$(readlink -f "$1/app")
  for folder in "$1"/builds/app-*; do
    [ "$folder" -ef "$current" ] || flock --nonblock --exclusive "$folder" rm -rf "$folder" || true
  done
}

_dotnet_architecture() {
  case "$(uname -m)" in
    aarch64) echo arm64 ;;
    *) echo x64 ;;
  esac
}
