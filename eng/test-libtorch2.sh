#!/usr/bin/env bash
# Runs the engine's tests on libtorch 2: Debian 13's libtorch 2.6 (CPU) with Debian 13's compiler, in a scratch root of
# its own, through the self-contained archive. Nothing on this machine changes outside artifacts/. Run by hand and
# before a release; the first time it fetches some 300 MB from deb.debian.org.
#
#   eng/test-libtorch2.sh [TEST-OPTION]...
#
# The options are xunit's; without any, all tests run but those of category Long. Wants a Debian-like host, and root or
# unprivileged user namespaces. SUBBAND_TEST_DATA names the data folder; it is seen inside, read-only.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$root/artifacts/debian-13
debian=$scratch/root
mirror=http://deb.debian.org/debian
packages=(base-files base-passwd bash coreutils findutils gawk grep sed util-linux libc-bin
  g++ libtorch-dev libopenblas0-openmp libvips42t64)

# apt that knows nothing of this machine: other sources, and an empty list of what is installed.
foreign_apt() {
  apt-get -qq -o Dir::Etc::main=/dev/null -o Dir::Etc::parts=/dev/null -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::sourcelist="$scratch/sources.list" -o Dir::State="$scratch/state" \
    -o Dir::State::status="$scratch/state/status" -o Dir::Cache="$scratch/cache" -o APT::Architecture=amd64 \
    -o Debug::NoLocking=1 -o APT::Sandbox::User=root "$@"
}

fetch_root() {
  echo "Fetching Debian 13's libtorch and compiler into $scratch ..." >&2
  mkdir -p "$scratch"/state/lists/partial "$scratch"/cache/archives/partial
  : > "$scratch/state/status"
  printf 'deb [signed-by=%s] %s trixie main\n' /usr/share/keyrings/debian-archive-keyring.gpg "$mirror" \
    > "$scratch/sources.list"
  foreign_apt update
  foreign_apt install --yes --no-install-recommends --download-only "${packages[@]}"
  rm -rf "$debian" "$debian.new"
  mkdir "$debian.new"
  # base-files first: it makes /lib, /bin and /sbin the links that everything else relies on.
  local package
  for package in "$scratch"/cache/archives/base-files_*.deb "$scratch"/cache/archives/*.deb; do
    dpkg-deb --extract "$package" "$debian.new"
  done
  # What the packages' own set-up would have done, as far as it matters here.
  ln -sf gawk "$debian.new/usr/bin/awk"
  ln -sf bash "$debian.new/usr/bin/sh"
  (cd "$debian.new/usr/lib/x86_64-linux-gnu" && ln -sf openblas-openmp/lib*.so.? .)
  mkdir -p "$debian.new"/{proc,dev,tmp,root,data,opt/subband}
  mv "$debian.new" "$debian"
}

# Runs inside a mount namespace of its own, as root or as what looks like it.
enter() {
  local folder
  for folder in proc dev; do mount --rbind "/$folder" "$debian/$folder"; done
  if [ -n "${SUBBAND_TEST_DATA:-}" ]; then
    mount --bind "$SUBBAND_TEST_DATA" "$debian/data"
    mount -o remount,bind,ro "$debian/data"
  fi
  chroot "$debian" /sbin/ldconfig
  exec chroot "$debian" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin HOME=/root TERM="${TERM:-dumb}" CXX=g++ \
    ${SUBBAND_TEST_DATA:+SUBBAND_TEST_DATA=/data} /usr/bin/bash -c \
    'cd /opt/subband && ./subband --version && ./subband doctor && ./run-tests "$@"' run-tests "$@"
}

if [ "${1:-}" = --inside ]; then
  shift
  enter "$@"
fi

[ -d "$debian" ] || fetch_root
if [ -z "${SUBBAND_TEST_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
  SUBBAND_TEST_DATA=$(cd "$root/../shared/data" && pwd)
fi
export SUBBAND_TEST_DATA
archives=("$root"/artifacts/subband-*-tests-linux-x64.tar.gz)
rm -f "${archives[@]}"
"$root/eng/make-archive.sh" --with-tests
rm -rf "$debian/opt/subband"
mkdir "$debian/opt/subband"
tar --extract --gzip --file "$root"/artifacts/subband-*-tests-linux-x64.tar.gz --directory "$debian/opt/subband" \
  --strip-components 1
[ $# -gt 0 ] || set -- -trait- Category=Long
namespaces=(--mount)
[ "$(id -u)" -eq 0 ] || namespaces+=(--map-root-user)
exec unshare "${namespaces[@]}" "$root/eng/test-libtorch2.sh" --inside "$@"
