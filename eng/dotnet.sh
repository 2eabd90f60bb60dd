# Finds .NET. Meant to be sourced.

# use_dotnet: puts a .NET host with the runtime that Subband runs on in front of the PATH, if there is one.
use_dotnet() {
  _use_dotnet_with shared/Microsoft.NETCore.App
}

# require_dotnet_sdk: as above, with the SDK that building takes; or says how to get it and fails.
require_dotnet_sdk() {
  if _use_dotnet_with sdk; then
    return 0
  fi
  local folder found=""
  while IFS= read -r folder; do
    found+="  $folder has $(ls "$folder/sdk" 2> /dev/null | paste -sd ' ' | sed 's/^$/no SDK/')"$'\n'
  done < <(_dotnet_folders)
  {
    printf 'subband: building Subband takes the .NET 10 SDK, which is not on the PATH or where its installers put it.\n%s' "$found"
    printf '%s\n' "Without rights to install anything, it goes into ~/.dotnet, where it is found from then on:" \
      "  curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0" \
      "Packages for every system: https://learn.microsoft.com/dotnet/core/install/linux"
  } >&2
  return 1
}

# _use_dotnet_with PART: takes the first .NET that has a version 10 of that part of it. Looks at folders alone, since
# every call of Subband comes through here, and the host takes a tenth of a second to answer.
_use_dotnet_with() {
  local folder version
  while IFS= read -r folder; do
    for version in "$folder/$1"/10.*; do
      [ -e "$version" ] || continue
      [ "$(command -v dotnet)" -ef "$folder/dotnet" ] || export PATH=$folder:$PATH
      export DOTNET_ROOT=$folder
      return 0
    done
  done < <(_dotnet_folders)
  return 1
}

# The folders of all the .NET installations there are, the one on the PATH first.
_dotnet_folders() {
  local host folder
  host=$(readlink -f "$(command -v dotnet)" || true)
  for folder in "${host%/*}" "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
      printf '%s\n' "$folder"
    fi
  done
}

# calm_dotnet: exports what keeps builds from printing banners, reporting to anybody and leaving servers behind, and
# gives them a home where this user has none that can be written (they would litter the source folders instead).
calm_dotnet() {
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1
  export DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=0
  export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
  # Without this, the SDK does not start where the ICU library is missing; builds need no culture.
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  # Programs that the build makes look for .NET there, not on the PATH.
  export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
  if [ ! -w "${HOME:-/nowhere}" ]; then
    HOME=$(cd "$SUBBAND_ENG/.." && pwd)/artifacts/home
    export HOME
    mkdir -p "$HOME"
  fi
}
