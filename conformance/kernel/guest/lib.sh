# shellcheck shell=bash
# What the scripts here share. To be sourced.

# Exit codes of run beside the payload's own, which are 0 to 99. README.md explains them.
# shellcheck disable=SC2034  # used by those who source this
readonly EXIT_PAYLOAD_STATUS=100 EXIT_USAGE=101 EXIT_PREREQUISITES=102 EXIT_BUILD=103 EXIT_CRASHED=104 EXIT_HUNG=105 \
    EXIT_TIMEOUT=106 EXIT_DIED=107 EXIT_RESULT=108

# Java that the guest's runtime is made from.
readonly JAVA_FEATURE=25

say() {
    printf '%s: %s\n' "${PROGRAM:-guest}" "$*" >&2
}

fail() {
    local code=$1
    shift
    say "$@"
    exit "$code"
}

# A short digest of the arguments, and of the contents of the files named after --.
digest() {
    {
        while [ $# -gt 0 ] && [ "$1" != -- ]; do
            printf '%s\n' "$1"
            shift
        done
        while [ $# -gt 1 ]; do
            shift
            sha256sum < "$1"
        done
    } | sha256sum | cut -c 1-16
}

# A JSON string of the text on standard input. Control characters and what is not UTF-8 are left out.
json_string() {
    printf '"%s"' "$(iconv -c -f UTF-8 -t UTF-8 | tr '\n' ' ' | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g; s/ *$//')"
}

# A JSON array of the lines on standard input.
json_lines() {
    local line separator=
    printf '['
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s\n    %s' "$separator" "$(json_string <<< "$line")"
        separator=,
    done
    printf ']'
}

# The version that apt would take of a package; nothing if there is none.
candidate() {
    apt-cache policy "$1" 2> /dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true
}

# The name of the newest stock Debian 6.1 kernel image package that apt offers; nothing if there is none.
newest_image() {
    local name
    while IFS= read -r name; do
        if [ -n "$(candidate "$name")" ]; then
            printf '%s\n' "$name"
            return
        fi
    done < <(apt-cache pkgnames linux-image-6.1.0- 2> /dev/null | grep -E '^linux-image-6\.1\.0-[0-9]+-amd64$' | sort -rV)
}

# The home of a JDK of the feature release wanted: $JAVA_HOME, else one in the usual place; nothing if there is none.
find_jdk() {
    local home
    for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if [ -x "$home/bin/jlink" ] && grep -qs "^JAVA_VERSION=\"${JAVA_FEATURE}[.\"+-]" "$home/release"; then
            printf '%s\n' "$home"
            return
        fi
    done
}

# cached NAME KEY COMMAND...: sets REPLY to the directory that "COMMAND... DIRECTORY" filled, now or in an earlier run.
# It is made under another name and moved, so that an interrupted build is never taken for a finished one; the lock keeps
# two runs from building the same. Whoever holds the lock may sweep away what was left half made.
cached() {
    local name=$1 key=$2 directory="$CACHE/$1-$2" lock making
    shift 2
    REPLY=$directory
    if [ -d "$directory" ]; then
        return
    fi
    mkdir -p "$CACHE"
    exec {lock}> "$CACHE/$name.lock"
    if ! flock --nonblock "$lock"; then
        say "$name: another run is making it; waiting"
        flock "$lock"
    fi
    if [ ! -d "$directory" ]; then
        rm -rf "$CACHE/.making-$name".*
        making=$(mktemp -d "$CACHE/.making-$name.XXXXXXXX")
        chmod 755 "$making"
        if ! "$@" "$making"; then
            rm -rf "$making"
            fail "$EXIT_BUILD" "$name: could not be made; see above"
        fi
        mv -T "$making" "$directory"
    fi
    exec {lock}>&-
    REPLY=$directory
}
