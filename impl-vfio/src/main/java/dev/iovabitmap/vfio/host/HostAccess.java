package dev.iovabitmap.vfio.host;

import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.util.Optional;

/**
 * The calls that an examination can make.
 *
 * @param calls the calls; empty if none can be made
 * @param whyNot why none can be made, in one sentence
 */
public record HostAccess(Optional<Calls> calls, String whyNot) {
    /**
     * Two ways to one kernel.
     *
     * @param vfio to devices
     * @param syscalls to files
     */
    public record Calls(Vfio vfio, Syscalls syscalls) {}

    /** {@return the running kernel, if it can be called from here} */
    public static HostAccess linux() {
        try {
            return to(Vfio.linux(), Syscalls.linux());
        } catch (IllegalStateException cannot) {
            return new HostAccess(Optional.empty(), String.valueOf(cannot.getMessage()));
        }
    }

    /** {@return a kernel that can be called} */
    public static HostAccess to(Vfio vfio, Syscalls syscalls) {
        return new HostAccess(Optional.of(new Calls(vfio, syscalls)), "");
    }
}
