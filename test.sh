#!/usr/bin/env bash
# Builds Subband and runs every check: formatting, warnings as errors, all fast tests.
#
#   ./test.sh [--long] [--filter TEXT]
#
#   --long         the tests of category Long too
#   --filter TEXT  only tests whose full name contains TEXT
#
# SUBBAND_TEST_DATA names the data folder; tests that need it skip, and say so, where it is missing.
# The last line is always "N passed, N failed"; a check that fails counts as one, as does a test program that crashes.
set -uo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$root"
. eng/native.sh
. eng/dotnet.sh
. eng/packages.sh

long=false
filter=""
while [ $# -gt 0 ]; do
  case "$1" in
    --long) long=true ;;
    --filter)
      filter=${2:-}
      shift
      ;;
    *)
      sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  shift
done

passed=0
failed=0
skipped=0
problems=()

finish() {
  list_skips
  [ ${#problems[@]} -eq 0 ] || printf 'problem: %s\n' "${problems[@]}"
  printf '%d skipped\n%d passed, %d failed\n' "$skipped" "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# check NAME COMMAND...: a check that counts only when it fails.
check() {
  local name=$1 began=$SECONDS
  shift
  printf -- '--- %s\n' "$name"
  if "$@"; then
    printf '%s: fine, %d s\n' "$name" $((SECONDS - began))
    return 0
  fi
  failed=$((failed + 1))
  problems+=("$name failed")
  return 1
}

set_up() {
  require_dotnet_sdk || return
  calm_dotnet
  install_missing_packages clang-format "checks the format of the C++ sources" || return
  prepare_native "$root/artifacts/native" && return
  printf '%s\n' "$SUBBAND_NATIVE_TRAIL" "$SUBBAND_NATIVE_REMEDY" >&2
  return 1
}

build() {
  dotnet build Subband.slnx --configuration Release --nologo --verbosity quiet \
    -p:NuGetAudit=false -p:UseSharedCompilation=false
}

check_csharp_format() {
  dotnet format Subband.slnx --verify-no-changes --no-restore --verbosity quiet
}

check_cpp_format() {
  local sources
  mapfile -t sources < <(find native -name '*.cpp' -o -name '*.h' -o -name '*.cu')
  [ ${#sources[@]} -eq 0 ] || clang-format --dry-run -Werror "${sources[@]}"
}

# count NAME: a number out of the line that sums up an assembly's tests.
count() {
  [[ $summary =~ \ $1=\"([0-9]+)\" ]] && printf '%s' "${BASH_REMATCH[1]}"
}

run_tests() {
  local name=$1 report=artifacts/test-results/$1.xml code limit=20m
  local arguments=(-noLogo -noColor -noAutoReporters -result-xml "$report")
  if $long; then limit=180m; else arguments+=(-trait- Category=Long); fi
  [ -z "$filter" ] || arguments+=(-method "*$filter*")
  printf -- '--- %s\n' "$name"
  timeout --foreground --kill-after=10s "$limit" "artifacts/bin/$name/release/$name" "${arguments[@]}"
  code=$?
  summary=$(grep -os '<assembly [^>]*>' "$report" | head -n 1)
  if [ -z "$summary" ]; then
    failed=$((failed + 1))
    problems+=("$name ended with $code and left no results ($([ $code -eq 124 ] && echo "over $limit" || echo "a crash?"))")
    return
  fi
  local fails=$(($(count failed) + $(count errors)))
  # A program that fails has to have failed tests to show for it.
  if [ "$code" -ne 0 ] && [ "$fails" -eq 0 ] && [ "$(count total)" -gt 0 ]; then
    fails=1
    problems+=("$name ended with $code although no test failed")
  fi
  passed=$((passed + $(count passed)))
  skipped=$((skipped + $(count skipped)))
  failed=$((failed + fails))
}

# Tests that skipped, by reason.
list_skips() {
  [ "$skipped" -gt 0 ] || return
  printf -- '--- skipped\n'
  grep -ohP '<reason>(<!\[CDATA\[)?\K.*?(?=(\]\]>)?</reason>)' artifacts/test-results/*.xml | sort | uniq -c
}

trap 'problems+=("interrupted"); failed=$((failed + 1)); finish' INT TERM

check "set-up" set_up || finish
check "build" build || finish
check "C# format and style" check_csharp_format
check "C++ format" check_cpp_format
rm -rf artifacts/test-results
mkdir -p artifacts/test-results
for project in tests/*/*.Tests.csproj; do
  run_tests "$(basename "$project" .csproj)"
done
finish
