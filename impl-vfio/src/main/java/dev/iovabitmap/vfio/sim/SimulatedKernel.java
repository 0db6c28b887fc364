package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A kernel in this process with devices whose writes are commanded. It answers the ioctls of dirty tracking as Linux
 * does. It proves nothing about hardware.
 *
 * <p>Device {@code n}, counted from 0, is alone in group {@code /dev/vfio/n}, there named as {@link #deviceName} says, and
 * from 6.12 on also is {@code /dev/vfio/devices/vfion}. Containers are {@code /dev/vfio/vfio}, and from 6.12 on there is
 * {@code /dev/iommu}. Every method may be called by any thread.
 */
public final class SimulatedKernel {
    private final KernelVersion version;
    private final Set<Misbehaviour> misbehaviours;
    private final List<SimulatedDevice> devices = new ArrayList<>();
    private final FileTable table = new FileTable();
    private final Set<OpenFile> files = new LinkedHashSet<>();
    private final SimulatedSyscalls syscalls = new SimulatedSyscalls(this);

    private SimulatedKernel(Builder builder) {
        version = builder.version;
        misbehaviours = EnumSet.copyOf(builder.misbehaviours);
        List<SimulatedIommu> iommus = new ArrayList<>();
        for (int i = 0; i < Builder.MAX_DEVICES; i++) {
            iommus.add(builder.iommu(i));
        }
        for (int i = 0; i < builder.devices; i++) {
            devices.add(new SimulatedDevice(
                    this,
                    i,
                    !builder.withoutLog.contains(i),
                    builder.emulatedIommu.contains(i),
                    iommus.get(builder.iommus.getOrDefault(i, 0))));
        }
    }

    /**
     * Returns a builder of a kernel with one device that can log, behind an IOMMU with dirty tracking.
     *
     * @param version whose behaviour it has
     * @return a builder
     */
    public static Builder builder(KernelVersion version) {
        return new Builder(version);
    }

    /** {@return the way into this kernel} */
    @SuppressWarnings("exports") // The seam is internal: whoever gets it here hands it to a transport.
    public Syscalls syscalls() {
        return syscalls;
    }

    /** {@return whose behaviour this is} */
    public KernelVersion version() {
        return version;
    }

    /** {@return how many devices there are} */
    public int devices() {
        return devices.size();
    }

    /**
     * Returns the name by which a device's group hands it out.
     *
     * @param device its number
     * @return the name
     */
    public String deviceName(int device) {
        return devices.get(device).name();
    }

    /**
     * Makes a device write, which every log that would see it records.
     *
     * @param device its number
     * @param iova the first address written, unsigned
     * @param length how many bytes, unsigned; 0 writes nothing
     * @throws IllegalArgumentException if the range passes 2^64 - 1
     */
    public synchronized void deviceWrites(int device, long iova, long length) {
        SimulatedDevice writer = devices.get(device);
        if (length == 0) {
            return;
        }
        if (U64.sumOverflows(iova, length - 1)) {
            throw new IllegalArgumentException(
                    "the write of 0x" + Long.toHexString(length) + " bytes at 0x" + Long.toHexString(iova) + " wraps");
        }
        writer.write(iova, iova + length - 1);
    }

    /**
     * Tells whether what a device writes at an address gets to memory: whether it is open in a container or attached in
     * an address space, and something is mapped there that may be written.
     *
     * @param device its number
     * @param iova the address, unsigned
     * @return whether it does
     */
    public synchronized boolean reaches(int device, long iova) {
        return devices.get(device).reaches(iova);
    }

    /**
     * Gives an open file another descriptor, as {@code dup} does: the lowest that is free.
     *
     * @param fd a descriptor
     * @return the new one, or the negated error number
     */
    public synchronized int duplicate(int fd) {
        try {
            return table.duplicate(fd);
        } catch (KernelError e) {
            return -e.errno;
        }
    }

    /**
     * Makes a device behind an emulated IOMMU pin memory, which type1 counts as dirty for as long as it is pinned.
     *
     * @param device its number
     * @param iova the first address, unsigned
     * @param length how many bytes, unsigned
     * @throws IllegalStateException if no container with an IOMMU has the device
     */
    public synchronized void devicePins(int device, long iova, long length) {
        type1Of(device).pin(iova, iova + length - 1);
        devices.get(device).pinned().add(iova, iova + length - 1);
    }

    /**
     * Makes a device let go of memory that it has pinned.
     *
     * @param device its number
     * @param iova the first address, unsigned
     * @param length how many bytes, unsigned
     */
    public synchronized void deviceUnpins(int device, long iova, long length) {
        type1Of(device).unpin(iova, iova + length - 1);
        devices.get(device).pinned().remove(iova, iova + length - 1);
    }

    private Type1Iommu type1Of(int device) {
        DeviceFile owner = devices.get(device).owner();
        Type1Iommu type1 = owner == null ? null : owner.type1();
        if (type1 == null || !devices.get(device).emulatedIommu()) {
            throw new IllegalStateException(
                    "device " + device + " has no emulated IOMMU, or is not open in a container");
        }
        return type1;
    }

    /**
     * Returns what a device wrote since its memory was last {@link #forgetWritten forgotten}: the truth, whatever any log
     * says. Ascending, touching ranges joined.
     *
     * @param device its number
     * @return the ranges
     */
    public synchronized List<IovaRange> written(int device) {
        return devices.get(device).written().all().stream()
                .map(run -> new IovaRange(run.first(), run.last() - run.first() + 1))
                .toList();
    }

    /**
     * Forgets what a device wrote. No log is touched.
     *
     * @param device its number
     */
    public synchronized void forgetWritten(int device) {
        devices.get(device).written().clear();
    }

    /**
     * Makes calls fail. What was told earlier comes first.
     *
     * @param failure which, and how
     */
    public synchronized void fail(CallFailure failure) {
        syscalls.fail(failure);
    }

    /** Makes no more calls fail. */
    public synchronized void failNothing() {
        syscalls.failNothing();
    }

    /**
     * Does something before each call that comes from now on, such as making a device write between two calls. It runs in
     * the calling thread, with the kernel stopped, and makes no call itself.
     *
     * @param hook what is done; it gets the name of the call, as {@link CallFailure} has it; null for nothing
     */
    public synchronized void beforeEachCall(@Nullable Consumer<String> hook) {
        syscalls.beforeEachCall(hook);
    }

    /** Starts to write down the names of calls, as {@link CallFailure} has them. */
    public synchronized void startRecording() {
        syscalls.startRecording();
    }

    /** {@return the calls since recording was started, in order; none are written down any more} */
    public synchronized List<String> stopRecording() {
        return syscalls.stopRecording();
    }

    /**
     * Switches a misbehaviour on or off from now on.
     *
     * @param misbehaviour which
     * @param on whether it is on
     */
    public synchronized void misbehave(Misbehaviour misbehaviour, boolean on) {
        if (on) {
            misbehaviours.add(misbehaviour);
        } else {
            misbehaviours.remove(misbehaviour);
        }
    }

    /** {@return what is held for callers: all zero once everything is closed} */
    public synchronized Held held() {
        Held held = new Held(table.size(), files.size(), 0, 0, 0, 0);
        for (OpenFile file : files) {
            held = held.plus(file.held());
        }
        return held;
    }

    int open(String path) {
        if (path.equals("/dev/vfio/vfio")) {
            return table.install(new ContainerFile(this));
        }
        if (path.equals("/dev/iommu") && version.hasIommufd()) {
            return table.install(new IommufdFile(this));
        }
        for (SimulatedDevice device : devices) {
            if (path.equals(device.groupPath())) {
                KernelError.unless(device.group == null && device.openCdevs == 0, Errno.EBUSY);
                return table.install(new GroupFile(this, device));
            }
            if (path.equals(device.cdevPath()) && version.hasIommufd()) {
                return table.install(new DeviceFile(this, device, null));
            }
        }
        throw new KernelError(Errno.ENOENT);
    }

    boolean hasAmdIommu() {
        return devices.stream().anyMatch(device -> device.iommu().amd());
    }

    FileTable table() {
        return table;
    }

    Set<OpenFile> files() {
        return files;
    }

    Set<Misbehaviour> misbehaviours() {
        return misbehaviours;
    }

    /** Says what kernel and what devices there are to be. */
    public static final class Builder {
        private static final int MAX_DEVICES = 31;

        private final KernelVersion version;
        private final Set<Misbehaviour> misbehaviours = EnumSet.noneOf(Misbehaviour.class);
        private final Set<Integer> withoutLog = new LinkedHashSet<>();
        private final Set<Integer> emulatedIommu = new LinkedHashSet<>();
        private final Map<Integer, Integer> iommus = new HashMap<>();
        private final Set<Integer> withoutDirtyBits = new LinkedHashSet<>();
        private final Set<Integer> amdIommus = new LinkedHashSet<>();
        private int devices = 1;
        private boolean iommuTracks = true;
        private long pageSizes = 1L << 12 | 1L << 21 | 1L << 30;
        private Interval aperture = new Interval(0, (1L << 48) - 1);

        private Builder(KernelVersion version) {
            this.version = version;
            misbehaviours.addAll(version.misbehaviours());
        }

        /**
         * Sets how many devices there are.
         *
         * @param count 1 to 31
         * @return this
         */
        public Builder devices(int count) {
            if (count < 1 || count > MAX_DEVICES) {
                throw new IllegalArgumentException("devices: " + count);
            }
            devices = count;
            return this;
        }

        /**
         * Makes a device one that cannot log.
         *
         * @param device its number
         * @return this
         */
        public Builder withoutLog(int device) {
            withoutLog.add(device);
            return this;
        }

        /**
         * Makes a device one without an IOMMU of its own: its driver pins what it uses, as mediated devices do.
         *
         * @param device its number
         * @return this
         */
        public Builder emulatedIommu(int device) {
            emulatedIommu.add(device);
            return this;
        }

        /**
         * Puts a device behind an IOMMU, by a number. All are behind number 0 unless told otherwise. A device attaches only
         * to page tables that were made for a device behind the same one.
         *
         * @param device its number
         * @param iommu the IOMMU's number, 0 to 30
         * @return this
         */
        public Builder behindIommu(int device, int iommu) {
            iommus.put(device, Objects.checkIndex(iommu, MAX_DEVICES));
            return this;
        }

        /**
         * Makes an IOMMU one whose page tables have no dirty bits.
         *
         * @param iommu its number
         * @return this
         */
        public Builder withoutDirtyBits(int iommu) {
            withoutDirtyBits.add(iommu);
            return this;
        }

        /**
         * Makes an IOMMU one of AMD: it maps with the largest entries that fit, of any power of two, and HW_INFO has no type
         * for it.
         *
         * @param iommu its number
         * @return this
         */
        public Builder amdIommu(int iommu) {
            amdIommus.add(iommu);
            return this;
        }

        private SimulatedIommu iommu(int number) {
            boolean amd = amdIommus.contains(number);
            return new SimulatedIommu(
                    number,
                    iommuTracks && !withoutDirtyBits.contains(number),
                    amd,
                    amd ? SimulatedIommu.AMD_PAGE_SIZES : pageSizes,
                    aperture);
        }

        /**
         * Sets whether the IOMMUs can track for IOMMUFD.
         *
         * @param tracks whether it can
         * @return this
         */
        public Builder iommuTracks(boolean tracks) {
            iommuTracks = tracks;
            return this;
        }

        /**
         * Sets the page sizes of the IOMMUs that are not AMD's, a bit for each; the smallest at most 4096.
         *
         * @param bits a bit for each page size
         * @return this
         */
        public Builder pageSizes(long bits) {
            if (bits == 0 || U64.less(UserMemory.PAGE, Long.lowestOneBit(bits))) {
                throw new IllegalArgumentException("pageSizes: 0x" + Long.toHexString(bits));
            }
            pageSizes = bits;
            return this;
        }

        /**
         * Sets the addresses that the IOMMU translates, both ends included, unsigned.
         *
         * @param first the first address
         * @param last the last address, inclusive
         * @return this
         */
        public Builder aperture(long first, long last) {
            if (U64.less(last, first)) {
                throw new IllegalArgumentException(
                        "aperture: 0x" + Long.toHexString(first) + " to 0x" + Long.toHexString(last));
            }
            aperture = new Interval(first, last);
            return this;
        }

        /**
         * Adds misbehaviours to those that the version has.
         *
         * @param added which
         * @return this
         */
        public Builder misbehaving(Misbehaviour... added) {
            Collections.addAll(misbehaviours, added);
            return this;
        }

        /**
         * Removes misbehaviours, as of a kernel that was mended.
         *
         * @param removed which
         * @return this
         */
        public Builder behaving(Misbehaviour... removed) {
            for (Misbehaviour misbehaviour : removed) {
                misbehaviours.remove(misbehaviour);
            }
            return this;
        }

        /** {@return the kernel} */
        public SimulatedKernel build() {
            return new SimulatedKernel(this);
        }
    }
}
