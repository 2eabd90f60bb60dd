# Finds .NET. Meant to be sourced.

# use_dotnet: puts a .NET host on the PATH, if there is one where installers put it.
use_dotnet() {
  if command -v dotnet > /dev/null; then
    return 0
  fi
  local folder
  for folder in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    if [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
      export DOTNET_ROOT=$folder PATH=$folder:$PATH
      return 0
    fi
  done
  return 1
}

# require_dotnet_sdk: as above, with the SDK that building takes; or says how to get it and fails.
require_dotnet_sdk() {
  local found="no 'dotnet' is on the PATH or where its installers put it"
  if use_dotnet; then
    if dotnet --list-sdks | grep -q '^10\.'; then
      return 0
    fi
    found="'$(command -v dotnet)' has no SDK 10; it has: $(dotnet --list-sdks | tr '\n' ' ')"
  fi
  printf '%s\n' "subband: building Subband takes the .NET 10 SDK, but $found." \
    "Without rights to install anything, it goes into ~/.dotnet, where it is found from then on:" \
    "  curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0" \
    "Packages for every system: https://learn.microsoft.com/dotnet/core/install/linux" >&2
  return 1
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
