package dev.iovabitmap.conformance.faults.mutation;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.IommufdSpace;
import dev.iovabitmap.vfio.Type1Container;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.VfioTracker;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A device of a simulated kernel that the harness of {@code impl-vfio} does not have: tracked by whatever can, adopted, with
 * mappings up to the end of the space, or where starting and stopping fail. Signals interrupt the first question of each
 * session. When the device is closed, the kernel must hold nothing any more.
 */
final class OddDevice implements HardwareHarness {
    private static final long GIB = 1L << 30;

    private static final List<IovaRange> USUAL = List.of(
            new IovaRange(1 << 24, 70 * GIB),
            new IovaRange(200 * GIB, 2 * GIB),
            new IovaRange(202 * GIB + 4096, 4096),
            new IovaRange((1L << 48) - GIB, GIB));

    private static final List<IovaRange> TO_THE_END =
            List.of(new IovaRange(1 << 24, 20 * GIB), new IovaRange(-GIB, GIB));

    /** The simulated kernel hands out descriptors from here on: the container's, its group's, the device's. */
    private static final int CONTAINER = 1 << 20;

    private static final int DEVICE = CONTAINER + 2;

    /** What is odd. */
    enum Kind {
        /** Type1 maps up to the end of the space, of which it can report no mapping that reaches it. */
        MAPPED_TO_THE_END("type1", TO_THE_END),
        /** A container that somebody else has opened, with mappings that somebody else has made. */
        ADOPTED("type1", USUAL),
        /** The device has no log, so the IOMMU tracks. */
        WITHOUT_LOG("iommufd", USUAL),
        /** The kernel has no memory when tracking is first started, and an error when it is stopped. */
        TROUBLED("iommufd", USUAL),
        /** Neither can track, so everything is dirty. */
        UNTRACKED("nothing", USUAL);

        private final String trackedBy;
        private final List<IovaRange> mappings;

        Kind(String trackedBy, List<IovaRange> mappings) {
            this.trackedBy = trackedBy;
            this.mappings = mappings;
        }
    }

    private final Kind kind;
    private final SimulatedKernel kernel;
    private final AddressSpace opened;
    private final VfioDevice device;
    private final Vfio vfio;

    /** What sessions track with: what was opened, or the same as adopted. */
    private final AddressSpace space;

    private final VfioDevice tracked;

    private final List<IovaRange> mapped;
    private boolean tracking;

    OddDevice(Kind kind) {
        this.kind = kind;
        this.mapped = new ArrayList<>(kind.mappings);
        SimulatedKernel.Builder builder =
                SimulatedKernel.builder(KernelVersion.V6_12).withoutLog(0).iommuTracks(kind != Kind.UNTRACKED);
        boolean container = kind.trackedBy.equals("type1");
        kernel = (container ? builder.emulatedIommu(0) : builder).build();
        Vfio opener = Vfio.of(kernel);
        if (container) {
            Type1Container type1 = opener.openContainer(List.of(Path.of("/dev/vfio/0")));
            opened = type1;
            device = type1.openDevice(kernel.deviceName(0));
        } else {
            IommufdSpace iommufd = opener.openAddressSpace();
            opened = iommufd;
            device = iommufd.openDevice(Path.of("/dev/vfio/devices/vfio0"));
        }
        kind.mappings.forEach(range -> opened.map(range.iova(), untouched(range.length())));
        if (kind == Kind.ADOPTED) {
            vfio = Vfio.of(kernel);
            int last = USUAL.size() - 1;
            space = vfio.adoptContainer(CONTAINER, USUAL.subList(0, last));
            space.adoptMapping(USUAL.get(last));
            tracked = vfio.adoptDevice(DEVICE, space);
        } else {
            vfio = opener;
            space = opened;
            tracked = device;
        }
    }

    /** Memory for a mapping, at an address that nobody dereferences: the simulated device writes no bytes. */
    @SuppressWarnings("restricted")
    private static MemorySegment untouched(long size) {
        return MemorySegment.ofAddress(1L << 46).reinterpret(size);
    }

    @Override
    public List<IovaRange> trackable() {
        return List.copyOf(mapped);
    }

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        // signals come while the device is asked what it can; so many that three questions are still interrupted if the
        // second answer to each is not looked at
        kernel.fail(new CallFailure(name -> name.endsWith(" PROBE"), 0, 6, Errno.EINTR, false));
        if (kind == Kind.TROUBLED && !tracking) {
            fail(" ENABLE", Errno.ENOMEM);
            try (VfioTracker none = start(ranges, pageSize)) {
                throw new AssertionError("started in spite of an error: " + none);
            } catch (IoctlException refused) {
                // and once more
            }
        }
        VfioTracker tracker = start(ranges, pageSize);
        tracking = true;
        return new Session(tracker);
    }

    private VfioTracker start(List<IovaRange> ranges, long pageSize) {
        VfioTracker tracker = vfio.track(List.of(tracked), ranges, pageSize);
        if (!tracker.trackedBy().equals(kind.trackedBy)) {
            throw new AssertionError("not tracked by " + kind.trackedBy + ", but by " + tracker.trackedBy());
        }
        return tracker;
    }

    private void fail(String call, int errno) {
        kernel.fail(new CallFailure(name -> name.endsWith(call), 0, 1, errno, true));
    }

    /** Takes the error of stopping as what it is: told, with everything released. */
    private final class Session implements DirtyTracker {
        private final VfioTracker tracker;
        private boolean closed;

        Session(VfioTracker tracker) {
            this.tracker = tracker;
        }

        @Override
        public List<IovaRange> ranges() {
            return tracker.ranges();
        }

        @Override
        public long grantedPageSize() {
            return tracker.grantedPageSize();
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return tracker.allocate(iova, length, pageSize, data);
        }

        @Override
        public IovaBitmap peek(long iova, long length, long pageSize, MemorySegment data) {
            return tracker.peek(iova, length, pageSize, data);
        }

        @Override
        public void close() {
            boolean fails = kind == Kind.TROUBLED && !closed;
            closed = true;
            tracking = false;
            if (!fails) {
                tracker.close();
                return;
            }
            fail(" DISABLE", Errno.EIO);
            try {
                tracker.close();
            } catch (IoctlException told) {
                return;
            }
            throw new AssertionError("stopped in spite of an error");
        }
    }

    @Override
    public void write(long iova, long length) {
        kernel.deviceWrites(0, iova, length);
    }

    @Override
    public boolean isExact() {
        return kind.trackedBy.equals("iommufd");
    }

    @Override
    public boolean failNextReport() {
        if (kind == Kind.UNTRACKED || kind == Kind.MAPPED_TO_THE_END) {
            return false; // no report is asked for, of anything or of one range
        }
        kernel.fail(new CallFailure(OddDevice::isReport, 0, 1, Errno.EIO, true));
        return true;
    }

    private static boolean isReport(String call) {
        return call.startsWith("VFIO_IOMMU_DIRTY_PAGES GET_BITMAP") || call.startsWith("IOMMU_HWPT_GET_DIRTY_BITMAP");
    }

    @Override
    public boolean unmap(IovaRange range) {
        space.unmap(range);
        mapped.remove(range);
        return true;
    }

    @Override
    public boolean map(IovaRange range) {
        space.map(range.iova(), untouched(range.length()));
        mapped.add(range);
        return true;
    }

    @Override
    public Map<String, Long> held() {
        Held held = kernel.held();
        return Map.of(
                "descriptors", (long) held.descriptors(),
                "files", (long) held.files(),
                "mappings", (long) held.mappings(),
                "sessions", (long) held.trackingSessions());
    }

    @Override
    public void close() {
        tracked.close();
        space.close();
        device.close();
        opened.close();
        opened.close(); // once more does nothing
        if (!kernel.held().equals(Held.NOTHING)) {
            throw new AssertionError("all is closed, but the kernel holds " + kernel.held());
        }
    }
}
