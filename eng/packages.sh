# Installs the Debian packages that are missing, or says how. Meant to be sourced; wants eng/native.sh sourced before.

# install_missing_packages [PACKAGE REASON]...: tells what is missing and why, then installs it where that is allowed.
# More packages may be asked for by name, each with its reason; they count as missing when their command is.
# Fails, with everything said, if something vital stays missing.
install_missing_packages() {
  local vital=() wanted=() reasons=()
  if ! command -v "${CXX:-c++}" > /dev/null && [ -z "${CXX:-}" ] && [ -z "${SUBBAND_NATIVE:-}" ]; then
    vital+=(g++)
    _package g++ "the compiler for native/, the bridge to libtorch"
  fi
  if [ -z "${SUBBAND_NATIVE:-}" ] && ! find_libtorch && [ -z "${LIBTORCH:-}" ] && [ -z "${LIBTORCH_USE_PYTORCH:-}" ]; then
    vital+=(libtorch-dev)
    _package libtorch-dev "libtorch, the tensor engine (CPU); see LIBTORCH and LIBTORCH_USE_PYTORCH for another"
  fi
  if _uses_reference_blas; then
    _package libopenblas0-openmp "fast matrix products; the reference BLAS that libtorch-dev brings is many times slower"
  fi
  _want_image_library
  while [ $# -ge 2 ]; do
    if ! command -v "$1" > /dev/null; then
      vital+=("$1")
      _package "$1" "$2"
    fi
    shift 2
  done
  _install_packages
}

# install_image_library_once FOLDER: the same for the library of images alone. FOLDER keeps a note of the attempt: who
# cannot install it is told so by what needs it, and not asked at every call.
install_image_library_once() {
  local vital=() wanted=() reasons=() note=$1/.asked-for-libvips
  _want_image_library
  if [ ${#wanted[@]} -gt 0 ] && [ ! -e "$note" ] && touch "$note" 2> /dev/null; then
    _install_packages
  fi
}

_want_image_library() {
  if ! _has_library libvips.so.42; then
    _package libvips42 "reading and writing image files"
  fi
}

# Installs what is wanted, for the reasons given. Fails, with everything said, if something vital stays missing.
_install_packages() {
  if [ ${#wanted[@]} -eq 0 ]; then
    return 0
  fi

  printf 'subband: missing on this machine:\n' >&2
  printf '  %s\n' "${reasons[@]}" >&2
  local install=(apt-get install -y --no-install-recommends "${wanted[@]}") rights=()
  if ! command -v apt-get > /dev/null; then
    printf 'subband: this system has no apt-get; install what its packages call these.\n' >&2
    [ ${#vital[@]} -eq 0 ]
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    rights=(sudo -n)
    if ! sudo -n true 2> /dev/null; then
      printf 'subband: that needs rights that this user does not have. Run:\n  sudo %s\n' "${install[*]}" >&2
      [ ${#vital[@]} -eq 0 ]
      return
    fi
  fi
  printf 'subband: running %s ...\n' "${rights[*]}${rights:+ }${install[*]}" >&2
  rights+=(env DEBIAN_FRONTEND=noninteractive)
  local log
  log=$(mktemp)
  # A list that cannot be refreshed may still serve; the installation itself decides.
  "${rights[@]}" apt-get update -qq > "$log" 2>&1 || true
  if ! "${rights[@]}" "${install[@]}" -o DPkg::Lock::Timeout=300 >> "$log" 2>&1 < /dev/null; then
    tail -n 20 "$log" >&2
    printf 'subband: the installation failed, see above (all of it: %s). Repeat it by hand:\n  %s\n' \
      "$log" "${install[*]}" >&2
    [ ${#vital[@]} -eq 0 ]
    return
  fi
  rm -f "$log"
  hash -r
}

_package() {
  wanted+=("$1")
  reasons+=("$(printf '%-20s %s' "$1" "$2")")
}

# Whether the loader finds a library of this name.
_has_library() {
  local folder
  for folder in "/usr/lib/$(uname -m)-linux-gnu" /usr/lib64 /usr/lib /usr/local/lib /usr/local/lib64; do
    [ ! -e "$folder/$1" ] || return 0
  done
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2> /dev/null | grep -q "^[[:space:]]*${1//./\\.} "
}

# Whether Debian's libtorch is in use (or about to be) with the BLAS that its dependencies alone bring.
_uses_reference_blas() {
  [ -z "${SUBBAND_NATIVE:-}" ] && [ -z "${LIBTORCH:-}" ] && [ -z "${LIBTORCH_USE_PYTORCH:-}" ] || return 1
  [ -e /etc/debian_version ] || return 1
  local blas=/usr/lib/$(uname -m)-linux-gnu/libblas.so.3
  [ ! -e "$blas" ] || [[ $(readlink -f "$blas") == */blas/* ]]
}
