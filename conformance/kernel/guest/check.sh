# shellcheck shell=bash
# What the host must have. To be sourced after lib.sh, by run, whose variables it uses.
# shellcheck disable=SC2154  # those

missing=() unusable=()

need_command() { # COMMAND PACKAGE
    command -v "$1" > /dev/null || missing+=("$2")
}

# Programs can be run from a directory, and it has so many MiB to spare.
check_directory() { # DIRECTORY MIB VARIABLE
    local probe free
    if ! mkdir -p "$1" 2> /dev/null || ! probe=$(mktemp "$1/.probe.XXXXXXXX" 2> /dev/null); then
        unusable+=("$1 cannot be written; set $3 to a directory that can")
        return
    fi
    if ! { cp "$(type -P true)" "$probe" && chmod 700 "$probe" && "$probe"; } 2> /dev/null; then
        unusable+=("programs cannot be run from $1 (mounted noexec?); set $3 to a directory where they can")
    fi
    rm -f "$probe"
    free=$(df --output=avail -m "$1" | tail -n 1)
    if [ "$free" -lt "$2" ]; then
        unusable+=("$1 has ${free// /} MiB to spare and $2 are needed; set $3 to a larger directory")
    fi
}

# The one of package busybox is linked dynamically and does not run in the guest.
check_busybox() {
    local path links
    path=$(command -v busybox) && links=$(LC_ALL=C ldd "$path" 2>&1 || true)
    case ${links:-} in
        *'not a dynamic executable'* | *'statically linked'*) ;;
        *) missing+=(busybox-static) ;;
    esac
}

check_ptrace() {
    local probe
    probe=$(mktemp "$TMPDIR/.ptrace.XXXXXXXX")
    if gcc -O -o "$probe" "$here/ptrace-probe.c" 2> /dev/null && ! "$probe"; then
        unusable+=("User-mode Linux needs ptrace, and this process may not trace its own child (a container's seccomp profile, or kernel.yama.ptrace_scope)")
    fi
    rm -f "$probe"
}

# Fills missing with packages and unusable with sentences: check_host MEMORY KERNEL...
check_host() {
    local memory=$1 kernel compiler
    shift
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        unusable+=("the guests run on Linux on amd64 only, and this is $(uname -sm)")
    fi
    if ! command -v apt-get > /dev/null || ! command -v dpkg-deb > /dev/null; then
        unusable+=("the kernels come from Debian packages, and there is no apt here")
        return
    fi
    [ -n "$(find_jdk)" ] || unusable+=("there is no JDK $JAVA_FEATURE; set JAVA_HOME to one (Debian has no package of it)")
    need_command gcc gcc
    need_command make make
    need_command xz xz-utils
    need_command cpio cpio
    check_busybox
    check_directory "$CACHE" 2000 IOVA_BITMAP_CACHE
    # Besides the initramfs and the drive, the memory of User-mode Linux is a file.
    check_directory "$TMPDIR" "$((memory + 700))" TMPDIR
    for kernel in "$@"; do
        case $kernel in
            qemu-6.1)
                need_command qemu-system-x86_64 qemu-system-x86
                image=$(newest_image)
                if [ -z "$image" ]; then
                    unusable+=("apt offers no stock Debian 6.1 kernel; it is in Debian 12, and apt-get update must have been run")
                else
                    compiler=$(apt-cache depends "linux-headers-${image#linux-image-}" | sed -n 's/.*Depends: linux-compiler-\(gcc-[0-9]*\)-x86$/\1/p')
                    need_command "$compiler" "$compiler"
                fi
                ldconfig -p 2> /dev/null | grep -q 'libelf\.so\.1' || [ -e /usr/lib/x86_64-linux-gnu/libelf.so.1 ] || missing+=(libelf1)
                ;;
            uml-6.12)
                need_command flex flex
                need_command bison bison
                need_command bc bc
                [ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
                if [ -z "$(candidate linux-source-6.12)" ]; then
                    unusable+=("apt offers no linux-source-6.12; it is in Debian 12 with security updates, and apt-get update must have been run")
                fi
                # Without a compiler that has to be installed first.
                if command -v gcc > /dev/null && [ -w "$TMPDIR" ]; then
                    check_ptrace
                fi
                ;;
        esac
    done
}

# Prints what check_host found. Fails if there is something.
report_host() {
    local line
    for line in "${unusable[@]}"; do
        printf 'unusable: %s\n' "$line"
    done
    if [ "${#missing[@]}" != 0 ]; then
        mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
        printf 'missing package: %s\n' "${missing[@]}"
        local sudo=
        [ "$(id -u)" = 0 ] || sudo='sudo '
        printf 'install: %sapt-get update && %sapt-get install --yes --no-install-recommends %s\n' "$sudo" "$sudo" "${missing[*]}"
    fi
    [ "${#missing[@]}" = 0 ] && [ "${#unusable[@]}" = 0 ]
}
