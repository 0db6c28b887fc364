# shellcheck shell=bash
# Boots a guest, watches it and takes its results. To be sourced after lib.sh, by run, whose variables it uses.
# shellcheck disable=SC2154  # those

# Bytes of the drive that carries the results; a sparse file.
readonly DRIVE_SIZE=256M

# What a kernel prints when it is lost.
readonly CRASH='Kernel panic - not syncing|Oops: |BUG: |kernel BUG at |general protection fault|Kernel mode fault|Segfault with no mm'

guest='' scratch=''

# The guest leads its own session, so this ends all its processes.
end_guest() {
    if [ -n "$guest" ]; then
        kill -KILL -- "-$guest" 2> /dev/null || true
        wait "$guest" 2> /dev/null || true
        guest=''
    fi
}

clean_up() {
    end_guest
    [ -z "$scratch" ] || rm -rf "$scratch"
}

# Removes what runs that were killed left behind: a run holds the lock in its directory as long as it lives.
sweep() {
    local left lock
    for left in "$TMPDIR"/iova-bitmap-guest.*; do
        if [ -O "$left/lock" ] && exec {lock}< "$left/lock"; then
            if flock --nonblock "$lock"; then
                rm -rf "$left"
            fi
            exec {lock}<&-
        fi
    done
}

# Starts the guest in the background; it dies with this script, however that ends.
start_guest() { # KERNEL
    local kernel=$1 common command
    common="guest_kernel=$kernel panic=-1 quiet"
    case $kernel in
        qemu-6.1)
            # TCG by name: KVM may be there and not work.
            # shellcheck disable=SC2054  # commas are meant
            command=(qemu-system-x86_64 -nodefaults -no-user-config -display none -monitor none -serial stdio -no-reboot
                -machine q35 -accel "tcg,thread=multi" -cpu max -smp 2 -m "$memory"
                -kernel "$kernel_directory/vmlinuz" -initrd "$scratch/initramfs"
                -append "console=ttyS0 nokaslr mitigations=off random.trust_cpu=on drive=vda $common"
                -drive "file=$scratch/drive,format=raw,if=none,id=drive" -device virtio-blk-pci,drive=drive)
            ;;
        uml-6.12)
            # shellcheck disable=SC2054  # commas are meant
            command=(env TMPDIR="$scratch" "$kernel_directory/linux" "mem=${memory}M" "initrd=$scratch/initramfs" "uml_dir=$scratch/" umid=guest
                con=null con0=fd:0,fd:1 console=tty0 "ubd0=$scratch/drive" drive=ubda)
            # shellcheck disable=SC2206  # words
            command+=($common)
            ;;
    esac
    setsid setpriv --pdeathsig KILL "${command[@]}" < /dev/null >> "$out/console.log" 2>&1 &
    guest=$!
}

# Waits for the guest. Sets ended to "", idle or timeout.
watch_guest() {
    local started=$SECONDS heard=$SECONDS size=0 now
    ended=
    while kill -0 "$guest" 2> /dev/null; do
        now=$(stat -c %s "$out/console.log")
        if [ "$now" != "$size" ]; then
            size=$now heard=$SECONDS
        elif [ $((SECONDS - heard)) -ge "$idle" ]; then
            ended=idle
            break
        fi
        if [ $((SECONDS - started)) -ge "$timeout" ]; then
            ended=timeout
            break
        fi
        sleep 0.2
    done
    end_guest
}

# The value of a line that the guest left on the drive; nothing if it left none.
from_drive() { # NAME
    head -c 4096 "$scratch/drive" | tr -d '\0' | sed -n "s/^$1 //p" | head -n 1
}

finished() {
    head -c 4096 "$scratch/drive" | tr -d '\0' | grep -qx end && [ "$(from_drive format)" = iova-bitmap-guest-1 ]
}

# Unpacks the results. Fails if they are not what the guest wrote.
take_results() {
    local length
    length=$(from_drive length)
    [[ $length =~ ^[0-9]+$ ]] || return 1
    tail -c +4097 "$scratch/drive" | head -c "$length" > "$scratch/result.tar" || true
    [ "$(sha256sum < "$scratch/result.tar" | cut -d ' ' -f 1)" = "$(from_drive sha256)" ] || return 1
    [ "$length" != 0 ] || return 0
    mkdir "$scratch/result"
    tar -C "$scratch/result" --no-same-owner --no-same-permissions -xf "$scratch/result.tar" || return 1
    mv "$scratch/result/guest/dmesg.txt" "$out/dmesg.txt"
    mv "$scratch/result/results" "$out/results"
}

# Judges how it went: sets outcome, reason and code.
judge() {
    local status failure
    status=$(from_drive status)
    failure=$(from_drive failure)
    if finished; then
        if ! take_results; then
            outcome=damaged code=$EXIT_RESULT reason="the results that the guest handed over are damaged"
        elif [ "$failure" != - ]; then
            outcome=failed code=$EXIT_RESULT reason="$failure"
        elif ! [[ $status =~ ^[0-9]{1,3}$ ]]; then
            outcome=damaged code=$EXIT_RESULT reason="the guest handed over no status"
        elif [ "$status" -gt 99 ]; then
            outcome=finished code=$EXIT_PAYLOAD_STATUS reason="the payload ended with status $status"
        else
            outcome=finished code=$status reason="the payload ended with status $status"
        fi
    elif grep -qE "$CRASH" "$out/console.log"; then
        outcome=crashed code=$EXIT_CRASHED reason="the guest's kernel crashed"
    elif [ "$ended" = idle ]; then
        outcome=hung code=$EXIT_HUNG reason="the guest printed nothing for $idle s and was ended"
    elif [ "$ended" = timeout ]; then
        outcome=timeout code=$EXIT_TIMEOUT reason="the guest had not finished after $timeout s and was ended"
    else
        outcome=died code=$EXIT_DIED reason="the guest ended without handing over a result"
    fi
}

last_lines() {
    tr -d '\r' < "$out/console.log" | tail -n 20
}

write_outcome() { # KERNEL
    local status taint release
    status=$(from_drive status) taint=$(from_drive taint) release=$(from_drive release)
    [[ $status =~ ^[0-9]+$ ]] || status=null
    [[ $taint =~ ^[0-9]+$ ]] || taint=null
    {
        printf '{\n  "schema": "iova-bitmap-guest-outcome/1",\n  "kernel": "%s",\n  "outcome": "%s",\n' "$1" "$outcome"
        printf '  "reason": %s,\n  "exitCode": %s,\n  "payloadStatus": %s,\n' "$(json_string <<< "$reason")" "$code" "$status"
        if [ -n "$release" ]; then
            printf '  "release": %s,\n' "$(json_string <<< "$release")"
        else
            printf '  "release": null,\n'
        fi
        # Bit 9 of the taint: the kernel printed a warning, which it does not do without cause.
        if [ "$taint" = null ]; then
            printf '  "taint": null,\n  "kernelWarned": null,\n'
        else
            printf '  "taint": %s,\n  "kernelWarned": %s,\n' "$taint" "$( ((taint >> 9 & 1)) && echo true || echo false)"
        fi
        printf '  "seconds": %s,\n  "lastLines": %s\n}\n' "$guest_seconds" "$(last_lines | json_lines)"
    } > "$scratch/outcome.json"
    mv "$scratch/outcome.json" "$out/outcome.json"
}

# Runs the payload on KERNEL, for which all is prepared, and exits.
run_guest() { # KERNEL
    local kernel=$1 started streamer alive
    printf '%s\n' "$versions" > "$out/versions.json"
    : > "$out/console.log"

    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    sweep
    scratch=$(mktemp -d "$TMPDIR/iova-bitmap-guest.XXXXXXXX")
    exec {alive}> "$scratch/lock"
    flock "$alive"
    ulimit -c 0

    truncate -s "$DRIVE_SIZE" "$scratch/drive"
    mkdir -p "$scratch/root/payload"
    cp -RL "$payload/." "$scratch/root/payload"
    cp "$out/versions.json" "$scratch/root/versions.json"
    # The kernel unpacks archives that follow one another.
    {
        cat "$image_directory/initramfs"
        (cd "$scratch/root" && find . -print0 | LC_ALL=C sort -z | cpio --null --create --format=newc --owner=0:0 --quiet)
    } > "$scratch/initramfs"
    rm -rf "$scratch/root"

    say "booting"
    started=$SECONDS
    start_guest "$kernel"
    tail -n +1 --sleep-interval=0.2 --pid="$guest" -f "$out/console.log" 2> /dev/null | sed -u 's/\r//g' &
    streamer=$!
    # Or else bash tells of a guest that is killed in words of its own.
    watch_guest 2> /dev/null
    wait "$streamer" || true
    guest_seconds=$((SECONDS - started))

    judge
    write_outcome "$kernel"
    if [ "$outcome" = finished ]; then
        say "$reason, after $guest_seconds s"
    else
        say "$outcome: $reason, after $guest_seconds s"
    fi
    exit "$code"
}
