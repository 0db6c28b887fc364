package dev.iovabitmap.vfio.uapi;

import static dev.iovabitmap.vfio.uapi.C.struct;
import static dev.iovabitmap.vfio.uapi.C.u32;
import static dev.iovabitmap.vfio.uapi.C.u64;

import java.lang.foreign.StructLayout;

/** The control node of {@code vfio_dirty_mock}, the device of tier kernel; its header file has the rules. */
public final class DirtyMock {
    private DirtyMock() {}

    /** {@code struct vfio_dirty_mock_range}. */
    public static final class Range {
        public static final StructLayout LAYOUT = struct("vfio_dirty_mock_range", u64("iova"), u64("length"));
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");

        private Range() {}
    }

    /** {@code struct vfio_dirty_mock_info}: everything that is set and held. */
    public static final class Info {
        public static final StructLayout LAYOUT = struct(
                "vfio_dirty_mock_info",
                u32("argsz"),
                u32("flags"),
                u32("abi_version"),
                u32("page_size"),
                u32("max_dirty"),
                u32("max_windows"),
                u32("max_pins"),
                u32("max_pin_pages"),
                u32("state"),
                u32("behaviour"),
                u64("granule"),
                u32("dirty"),
                u32("windows"),
                u64("windows_lost"),
                u32("pins"),
                u32("reserved"),
                u64("starts"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field ABI_VERSION = Field.of(LAYOUT, "abi_version");
        public static final Field STATE = Field.of(LAYOUT, "state");
        public static final Field DIRTY = Field.of(LAYOUT, "dirty");
        public static final Field WINDOWS = Field.of(LAYOUT, "windows");
        public static final Field PINS = Field.of(LAYOUT, "pins");

        /** What {@link #ABI_VERSION} is here. */
        public static final int KNOWN_VERSION = 2;

        /** Bits of the state. */
        public static final int OPEN = 1;

        public static final int LOGGING = 1 << 1;

        private Info() {}
    }

    /** {@code struct vfio_dirty_mock_configure}: what the device is like. */
    public static final class Configure {
        public static final StructLayout LAYOUT = struct(
                "vfio_dirty_mock_configure",
                u32("argsz"),
                u32("flags"),
                u64("granule"),
                u32("behaviour"),
                u32("reserved"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field GRANULE = Field.of(LAYOUT, "granule");
        public static final Field BEHAVIOUR = Field.of(LAYOUT, "behaviour");

        /** A report of a part of a granted page forgets the whole page. */
        public static final int WHOLE_GRANULE_CLEAR = 1;

        /** Writes are kept apart, to the byte, and a report sets each whole, whatever sticks out of it. */
        public static final int RAW = 1 << 1;

        /** With {@link #RAW}: a report sets all that was written, those writes too that it does not touch. */
        public static final int EVERYTHING = 1 << 2;

        private Configure() {}
    }

    /** {@code struct vfio_dirty_mock_write}: the device writes ranges. */
    public static final class Write {
        public static final StructLayout LAYOUT = struct(
                "vfio_dirty_mock_write",
                u32("argsz"),
                u32("flags"),
                u32("count"),
                u32("reserved"),
                u64("ranges"),
                u64("logged"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field COUNT = Field.of(LAYOUT, "count");
        public static final Field RANGES = Field.of(LAYOUT, "ranges");
        public static final Field LOGGED = Field.of(LAYOUT, "logged");

        /** How many ranges one call may have. */
        public static final int MOST = 4096;

        private Write() {}
    }

    /** {@code struct vfio_dirty_mock_windows}: the windows into which the kernel cut the reports. */
    public static final class Windows {
        public static final StructLayout LAYOUT = struct(
                "vfio_dirty_mock_windows",
                u32("argsz"),
                u32("flags"),
                u32("capacity"),
                u32("count"),
                u64("ranges"),
                u64("lost"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field CAPACITY = Field.of(LAYOUT, "capacity");
        public static final Field COUNT = Field.of(LAYOUT, "count");
        public static final Field RANGES = Field.of(LAYOUT, "ranges");
        public static final Field LOST = Field.of(LAYOUT, "lost");

        public static final int CLEAR = 1;

        private Windows() {}
    }

    /** {@code struct vfio_dirty_mock_pin}: pins pages, or unpins them. */
    public static final class Pin {
        public static final StructLayout LAYOUT =
                struct("vfio_dirty_mock_pin", u32("argsz"), u32("flags"), u64("iova"), u32("npages"), u32("reserved"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field NPAGES = Field.of(LAYOUT, "npages");

        public static final int WRITE = 1;
        public static final int KEEP = 1 << 1;

        private Pin() {}
    }

    /** {@code struct vfio_dirty_mock_dma_rw}: the device writes to memory, or reads it. */
    public static final class DmaRw {
        public static final StructLayout LAYOUT = struct(
                "vfio_dirty_mock_dma_rw",
                u32("argsz"),
                u32("flags"),
                u64("iova"),
                u32("length"),
                u32("reserved"),
                u64("data"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");
        public static final Field DATA = Field.of(LAYOUT, "data");

        public static final int WRITE = 1;

        /** The most bytes that one call copies. */
        public static final int MOST = 1 << 20;

        private DmaRw() {}
    }
}
