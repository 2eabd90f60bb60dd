# Finds or builds the native library for the libtorch at hand. Meant to be sourced.

SUBBAND_ENG=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$SUBBAND_ENG/find-libtorch.sh"

# locate_native CACHE: sets and exports SUBBAND_NATIVE, the path of the library in CACHE/KEY/ that was built for this
# libtorch, compiler and source, and SUBBAND_NATIVE_TRAIL, what was tried (one attempt a line). Fails, with the trail
# and SUBBAND_NATIVE_REMEDY, what to do, set, if there is none; NATIVE_FOLDER then says where it would have to be built,
# if it can be.
locate_native() {
  local cache=$1
  NATIVE_FOLDER=""
  export SUBBAND_NATIVE_TRAIL="" SUBBAND_NATIVE_REMEDY=""
  if [ -n "${SUBBAND_NATIVE:-}" ]; then
    export SUBBAND_NATIVE
    SUBBAND_NATIVE_TRAIL="SUBBAND_NATIVE: set to $SUBBAND_NATIVE, so nothing was searched or built"
    return 0
  fi
  if ! find_libtorch; then
    _no_native "$TORCH_TRAIL" "$(libtorch_remedy)"
    return 1
  fi
  SUBBAND_NATIVE_TRAIL=$TORCH_TRAIL
  if ! command -v "${CXX:-c++}" > /dev/null; then
    _no_native "the compiler: there is no '${CXX:-c++}'" \
      "Install a C++ compiler (apt-get install g++), or set CXX to the name of one."
    return 1
  fi
  NATIVE_FOLDER=$cache/$(_native_key)
  if [ ! -e "$NATIVE_FOLDER/libsubband_native.so" ]; then
    SUBBAND_NATIVE_REMEDY="Call ./subband doctor, which compiles the native library."
    return 1
  fi
  export SUBBAND_NATIVE=$NATIVE_FOLDER/libsubband_native.so
  # For programs that no launcher started: the library that was used last.
  if [ -w "$cache" ] && ! [ "$cache/current" -ef "$NATIVE_FOLDER" ]; then
    ln -sfn "${NATIVE_FOLDER##*/}" "$cache/.current-$$" && mv -fT "$cache/.current-$$" "$cache/current"
  fi
}

# prepare_native CACHE: the same, but builds what is not there. Fails if that cannot be done, the trail saying why. Where
# the caller lets users choose CACHE, NATIVE_ELSEWHERE adds how to the remedy for one that cannot be written.
prepare_native() {
  if locate_native "$1"; then
    return 0
  fi
  [ -n "$NATIVE_FOLDER" ] && _build_native "$1" "$NATIVE_FOLDER" && locate_native "$1"
}

# _no_native ATTEMPT REMEDY: ends the trail of what was tried, and says what would help.
_no_native() {
  SUBBAND_NATIVE_TRAIL+=$1
  SUBBAND_NATIVE_REMEDY=$2
}

# A short name for all that a build depends on.
_native_key() {
  local hash
  hash=$({
    printf '%s\n' "$TORCH_INCLUDE" "$TORCH_LIB" "$TORCH_VERSION" "${CXX:-c++}" "${CXXFLAGS:-}"
    stat -Lc '%s %Y' "$TORCH_LIB/libtorch_cpu.so"
    "${CXX:-c++}" -dumpfullversion -dumpmachine
    find "$SUBBAND_ENG/../native" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
  } | sha256sum)
  printf '%s' "${hash:0:16}"
}

# The build, by one process at a time; whoever waited finds it done. Ends the shell if a person stops the compiler.
_build_native() {
  local cache=$1 folder=$2 log=$1/build.log began=$SECONDS code=0
  if ! mkdir -p "$cache" 2> /dev/null || [ ! -w "$cache" ]; then
    _no_native "the native library: not built yet, and $cache cannot be written" \
      "Make that folder writable for this user${NATIVE_ELSEWHERE:-}."
    return 1
  fi
  exec {lock}> "$cache/.lock"
  flock "$lock"
  if [ ! -e "$folder/libsubband_native.so" ]; then
    rm -rf "$cache"/*/.build-* # left by builds that were killed
    echo "subband: compiling the native library against libtorch $TORCH_VERSION ($TORCH_DEVICE), once; this can take a minute or two ..." >&2
    "$SUBBAND_ENG/../native/build.sh" "$folder" > "$log" 2>&1 {lock}>&- || code=$?
    if [ $code -eq 130 ] || [ $code -eq 143 ]; then
      echo "subband: stopped while compiling; the next call compiles anew." >&2
      exit $code
    elif [ $code -ne 0 ]; then
      tail -n 15 "$log" >&2
      _no_native "the native library: its compilation failed, see $log" \
        "Read that log; a compiler and a libtorch that do not fit each other are the usual cause (CXX names another compiler, LIBTORCH another libtorch)."
      exec {lock}>&-
      return 1
    fi
    echo "subband: compiled in $((SECONDS - began)) s" >&2
    _forget_old_builds "$cache"
  fi
  exec {lock}>&-
}

# Every edit of a source makes a new key; the newest few are worth keeping, to change libtorch to and fro.
_forget_old_builds() {
  local folder
  find "$1" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +9 | cut -d ' ' -f 2- |
    while IFS= read -r folder; do rm -rf "$folder"; done
}
