# Finds the libtorch to compile native/ against. Meant to be sourced.
#
# Search order; a choice that somebody made by name is final, so that no other libtorch takes its place unsaid:
#   1. LIBTORCH=DIR            a folder with include/ and lib/: an unpacked libtorch, or PyTorch's own torch/ folder
#   2. LIBTORCH_USE_PYTORCH=1  the libtorch inside the PyTorch that PYTHON (default python3) imports
#   3. the system's            headers in /usr/local/include or /usr/include, as the package libtorch-dev has them
#
# find_libtorch succeeds or fails, and sets
#   TORCH_INCLUDE  the folder that holds ATen/, c10/ and torch/
#   TORCH_LIB      the folder that holds libtorch_cpu.so itself, links followed
#   TORCH_VERSION  as its headers have it, for instance 2.6.0
#   TORCH_DEVICE   CUDA if the CUDA libraries are there, else CPU
#   TORCH_TRAIL    every attempt on a line "what was looked at: what was found"

find_libtorch() {
  TORCH_TRAIL=""
  if [ -n "${LIBTORCH:-}" ]; then
    _torch_at "$LIBTORCH" "LIBTORCH=$LIBTORCH"
    return
  fi
  _torch_note "LIBTORCH: not set"
  case "${LIBTORCH_USE_PYTORCH:-0}" in
    "" | 0 | false | no) _torch_note "LIBTORCH_USE_PYTORCH: not set" ;;
    *)
      _torch_of_python
      return
      ;;
  esac
  local prefix
  for prefix in /usr/local /usr; do
    if _torch_at "$prefix" "the system's, in $prefix"; then
      return 0
    fi
  done
  return 1
}

# What to do when nothing was found, in a few lines for a person.
libtorch_remedy() {
  printf '%s\n' \
    "Choose one of:" \
    "  apt-get install libtorch-dev      Debian's own (CPU)" \
    "  LIBTORCH_USE_PYTORCH=1            the libtorch of an installed PyTorch, CUDA included; PYTHON names the interpreter" \
    "  LIBTORCH=/path/to/libtorch        an unpacked libtorch, a folder with include/ and lib/"
}

_torch_note() {
  TORCH_TRAIL+="$1"$'\n'
}

_torch_of_python() {
  local python=${PYTHON:-python3} folder
  if ! command -v "$python" > /dev/null; then
    _torch_note "LIBTORCH_USE_PYTORCH: there is no '$python' to ask (PYTHON names the interpreter)"
    return 1
  fi
  # Finding a package does not import it: milliseconds instead of seconds.
  if ! folder=$("$python" -c 'import importlib.util as u, os, sys
spec = u.find_spec("torch")
print(os.path.dirname(spec.origin)) if spec and spec.origin else sys.exit(1)' 2> /dev/null); then
    _torch_note "LIBTORCH_USE_PYTORCH: '$python' has no PyTorch (python package torch)"
    return 1
  fi
  _torch_at "$folder" "LIBTORCH_USE_PYTORCH: $folder"
}

# _torch_at ROOT NAME: takes the libtorch under ROOT if it is complete.
_torch_at() {
  local root=${1%/} name=$2 lib found=""
  if [ ! -e "$root/include/ATen/ATen.h" ]; then
    _torch_note "$name: no headers (include/ATen/ATen.h)"
    return 1
  fi
  for lib in "$root/lib" "$root/lib64" "$root/lib/$(uname -m)-linux-gnu"; do
    if [ -e "$lib/libtorch_cpu.so" ] && [ -e "$lib/libc10.so" ]; then
      found=$lib
      break
    fi
  done
  if [ -z "$found" ]; then
    _torch_note "$name: headers, but no libraries (lib/libtorch_cpu.so, lib/libc10.so)"
    return 1
  fi
  TORCH_INCLUDE=$root/include
  # Distributions and conda put links into torch/lib; the run path has to name the real folder.
  TORCH_LIB=$(dirname "$(readlink -f "$found/libtorch_cpu.so")")
  TORCH_VERSION=$(awk '/^# *define +TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]/ { v = v "." $NF } END { print substr(v, 2) }' \
    $(ls "$TORCH_INCLUDE/torch/headeronly/version.h" "$TORCH_INCLUDE/torch/csrc/api/include/torch/version.h" 2> /dev/null))
  TORCH_DEVICE=CPU
  if [ -e "$TORCH_LIB/libtorch_cuda.so" ]; then
    TORCH_DEVICE=CUDA
  fi
  _torch_note "$name: libtorch $TORCH_VERSION, $TORCH_DEVICE, libraries in $TORCH_LIB"
}
