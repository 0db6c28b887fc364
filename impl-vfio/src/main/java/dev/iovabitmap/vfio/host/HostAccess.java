package dev.iovabitmap.vfio.host;

import dev.iovabitmap.vfio.sys.Syscalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The calls that an examination can make.
 *
 * @param calls the calls; empty if none can be made
 * @param whyNot why none can be made, in one sentence
 */
public record HostAccess(Optional<Calls> calls, String whyNot) {
    /** Opens devices for a moment, and tells what tracks them. */
    public interface Trackers {
        /** {@return what tracks a device of a group} */
        List<String> ofGroup(Path group, String name);

        /** {@return what tracks a device that is opened by its own file} */
        List<String> ofFile(Path device);
    }

    /**
     * Two ways to one kernel.
     *
     * @param trackers to devices
     * @param syscalls to files
     */
    public record Calls(Trackers trackers, Syscalls syscalls) {}

    /** {@return a kernel that can be called} */
    public static HostAccess to(Trackers trackers, Syscalls syscalls) {
        return new HostAccess(Optional.of(new Calls(trackers, syscalls)), "");
    }

    /** {@return a kernel that cannot be called, and why} */
    public static HostAccess denied(String whyNot) {
        return new HostAccess(Optional.empty(), whyNot);
    }
}
