# What the launchers know of the command line: which calls need the engine. Meant to be sourced.

# engine_need ARGUMENT...: what a call wants of the engine, that is libtorch and the native library:
#   none    nothing (help, version, lists of what there is, and what is not a verb at all)
#   report  to tell whether it is there; nothing is installed for that (doctor)
#   images  nothing, but the library that reads image files (data)
#   engine  all of it
engine_need() {
  local argument
  while [ "${1:-}" = --verbose ]; do shift; done
  case "${1:-}" in
    "" | --version | -h | --help | '-?' | '['*) echo none && return ;;
  esac
  for argument in "$@"; do
    case "$argument" in
      -h | --help | '-?') echo none && return ;;
      --) break ;;
    esac
  done
  case "$1" in
    doctor) echo report ;;
    data) echo images ;;
    demo | train | sample | upscale | evaluate | compare | bands | spectrum | project | edit | reproduce | export | import | bench) echo engine ;;
    *) echo none ;;
  esac
}

# explain_missing_engine: says what was tried and what to do, and ends with 1.
explain_missing_engine() {
  {
    printf 'subband: the engine, libtorch through the native library, is not to be had here. Tried:\n'
    printf '%s\n' "$SUBBAND_NATIVE_TRAIL" | sed '/^$/d; s/^/  /'
    printf '%s\n' "$SUBBAND_NATIVE_REMEDY"
    printf 'More: subband doctor\n'
  } >&2
  exit 1
}
