package dev.iovabitmap.vfio.uapi;

import static dev.iovabitmap.vfio.uapi.C.struct;
import static dev.iovabitmap.vfio.uapi.C.u32;
import static dev.iovabitmap.vfio.uapi.C.u64;

import java.lang.foreign.StructLayout;

/** What a device is asked through {@link Ioctl#VFIO_DEVICE_FEATURE}: a header, and behind it what the feature takes. */
public final class DeviceFeature {
    private DeviceFeature() {}

    /** {@code struct vfio_device_feature}. The payload follows it. */
    public static final class Header {
        public static final StructLayout LAYOUT = struct("vfio_device_feature", u32("argsz"), u32("flags"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");

        /** The bits of the flags that say which feature. */
        public static final int FEATURE_MASK = 0xffff;

        public static final int GET = 1 << 16;
        public static final int SET = 1 << 17;
        public static final int PROBE = 1 << 18;

        public static final int DMA_LOGGING_START = 6;
        public static final int DMA_LOGGING_STOP = 7;
        public static final int DMA_LOGGING_REPORT = 8;

        private Header() {}
    }

    /** {@code struct vfio_device_feature_dma_logging_control}: what to log. On return the page size is the granted one. */
    public static final class LoggingControl {
        public static final StructLayout LAYOUT = struct(
                "vfio_device_feature_dma_logging_control",
                u64("page_size"),
                u32("num_ranges"),
                u32("__reserved"),
                u64("ranges"));
        public static final Field PAGE_SIZE = Field.of(LAYOUT, "page_size");
        public static final Field NUM_RANGES = Field.of(LAYOUT, "num_ranges");
        public static final Field RANGES = Field.of(LAYOUT, "ranges");

        private LoggingControl() {}
    }

    /** {@code struct vfio_device_feature_dma_logging_range}: one of the ranges that the control points to. */
    public static final class LoggingRange {
        public static final StructLayout LAYOUT =
                struct("vfio_device_feature_dma_logging_range", u64("iova"), u64("length"));
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");

        private LoggingRange() {}
    }

    /** {@code struct vfio_device_feature_dma_logging_report}: the kernel ORs into the bitmap and clears its log. */
    public static final class LoggingReport {
        public static final StructLayout LAYOUT = struct(
                "vfio_device_feature_dma_logging_report", u64("iova"), u64("length"), u64("page_size"), u64("bitmap"));
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");
        public static final Field PAGE_SIZE = Field.of(LAYOUT, "page_size");
        public static final Field BITMAP = Field.of(LAYOUT, "bitmap");

        private LoggingReport() {}
    }
}
