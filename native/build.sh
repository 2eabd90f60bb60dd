#!/usr/bin/env bash
# Compiles native/*.cpp and native/ops/*.cpp against libtorch into OUT_DIR/libsubband_native.so. It needs a C++ compiler and nothing else.
#
#   native/build.sh [--libtorch DIR] OUT_DIR
#
# Without --libtorch the one that eng/find-libtorch.sh finds is used. CXX names the compiler (default c++), CXXFLAGS is
# added to its options. The library appears in OUT_DIR complete or not at all.
set -euo pipefail

native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$native/../eng/find-libtorch.sh"

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

fail() {
  printf 'native/build.sh: %s\n' "$@" >&2
  exit 1
}

out=""
while [ $# -gt 0 ]; do
  case "$1" in
    --libtorch)
      [ $# -ge 2 ] || { usage >&2; exit 2; }
      LIBTORCH=$2
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *)
      [ -z "$out" ] || { usage >&2; exit 2; }
      out=$1
      shift
      ;;
  esac
done
[ -n "$out" ] || { usage >&2; exit 2; }

cxx=${CXX:-c++}
command -v "$cxx" > /dev/null || fail "there is no C++ compiler '$cxx'. Install one (apt-get install g++) or set CXX."
find_libtorch || fail "no libtorch was found." "$TORCH_TRAIL" "$(libtorch_remedy)"

# The C++ standard that this libtorch's headers ask for: they say so themselves.
standard=c++17
if grep -qs 'C++20 or later' "$TORCH_INCLUDE/torch/csrc/api/include/torch/all.h" "$TORCH_INCLUDE/ATen/ATen.h"; then
  standard=c++20
fi

# PyTorch's older wheels were compiled with std::string of before C++11; a function that takes one tells.
cxx11_abi=1
if grep -qa 'torchCheckFailEPKcS2_jRKSs' "$TORCH_LIB/libc10.so"; then
  cxx11_abi=0
fi

compile=(-std=$standard -O3 -fPIC -fopenmp -fvisibility=hidden -Wall -Wextra -DNDEBUG
  -D_GLIBCXX_USE_CXX11_ABI=$cxx11_abi -isystem "$TORCH_INCLUDE/torch/csrc/api/include")
# The compiler's own folders must keep their place among its own.
case "$TORCH_INCLUDE" in
  /usr/include | /usr/local/include) ;;
  *) compile+=(-isystem "$TORCH_INCLUDE") ;;
esac
# Before its version 2.34, glibc has dlopen in a library of its own; later ones keep an empty libdl.
link=(-shared -Wl,-z,defs -Wl,-rpath,"$TORCH_LIB" -L"$TORCH_LIB" -Wl,--no-as-needed -ltorch -ltorch_cpu -lc10 -ldl)

if [ "$TORCH_DEVICE" = CUDA ]; then
  compile+=(-DSUBBAND_CUDA=1)
  link+=(-ltorch_cuda -lc10_cuda)
fi

# at::parallel_for is compiled into our code. Its OpenMP runtime has to be the one libtorch itself uses, which wheels
# carry under a name of their own; a second one would bring a second set of threads.
openmp=(-lgomp)
for library in "$TORCH_LIB"/libgomp*.so* "$TORCH_LIB"/../../torch.libs/libgomp*.so*; do
  if [ -e "$library" ] && [ "$TORCH_LIB" != "/usr/lib/$(uname -m)-linux-gnu" ]; then
    openmp=("$library" -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)")
    break
  fi
done

# One compiler a core, as far as memory reaches: each takes more than 1 GB over libtorch's headers.
jobs=$(nproc)
memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo 2> /dev/null || echo "$jobs")
[ "$memory" -ge "$jobs" ] || jobs=$((memory > 0 ? memory : 1))

mkdir -p "$out"
work=$(mktemp -d "$out/.build-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

printf '"%s"\n' "${compile[@]}" > "$work/compile.options"
export SUBBAND_CXX=$cxx SUBBAND_WORK=$work
# shellcheck disable=SC2016
printf '%s\0' "$native"/*.cpp "$native"/ops/*.cpp | xargs -0 -n 1 -P "$jobs" sh -c \
  '$SUBBAND_CXX @"$SUBBAND_WORK/compile.options" ${CXXFLAGS:-} -c "$1" -o "$SUBBAND_WORK/$(basename "$1" .cpp).o"' compile
$cxx "$work"/*.o -o "$work/libsubband_native.so" "${link[@]}" "${openmp[@]}"
mv -f "$work/libsubband_native.so" "$out/libsubband_native.so"
