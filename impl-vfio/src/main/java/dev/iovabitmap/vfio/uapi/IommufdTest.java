package dev.iovabitmap.vfio.uapi;

import static dev.iovabitmap.vfio.uapi.C.struct;
import static dev.iovabitmap.vfio.uapi.C.u32;
import static dev.iovabitmap.vfio.uapi.C.u64;

import java.lang.foreign.StructLayout;

/**
 * What a kernel with CONFIG_IOMMUFD_TEST takes through {@link Ioctl#IOMMU_TEST_CMD}: one struct, read by its operation. The
 * facts are those of Linux 6.12; this is no ABI, and in no header that is installed.
 */
public final class IommufdTest {
    private IommufdTest() {}

    /** Makes a mock device and attaches it to an address space. */
    public static final class MockDomain {
        public static final StructLayout LAYOUT = struct(
                "iommu_test_cmd_mock_domain",
                u32("size"),
                u32("op"),
                u32("id"),
                u32("__reserved"),
                u32("out_stdev_id"),
                u32("out_hwpt_id"),
                u32("out_idev_id"),
                u32("dev_flags"),
                u64("rest1"),
                u64("rest2"),
                u64("rest3"),
                u64("rest4"),
                u64("rest5"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field OP = Field.of(LAYOUT, "op");
        public static final Field ID = Field.of(LAYOUT, "id");
        public static final Field OUT_IDEV_ID = Field.of(LAYOUT, "out_idev_id");

        public static final Field DEV_FLAGS = Field.of(LAYOUT, "dev_flags");

        /** The value of {@link #OP} for a device of the usual kind. */
        public static final int OPERATION = 2;

        /** The value of {@link #OP} for one that {@link #DEV_FLAGS} describes. */
        public static final int OPERATION_WITH_FLAGS = 12;

        /** Of {@link #DEV_FLAGS}: the IOMMU has huge pages. */
        public static final int HUGE_IOVA = 1 << 1;

        private MockDomain() {}
    }

    /** Marks pages of a page table as written. */
    public static final class Dirty {
        public static final StructLayout LAYOUT = struct(
                "iommu_test_cmd_dirty",
                u32("size"),
                u32("op"),
                u32("id"),
                u32("__reserved"),
                u32("flags"),
                u32("pad"),
                u64("iova"),
                u64("length"),
                u64("page_size"),
                u64("uptr"),
                u64("out_nr_dirty"),
                u64("rest"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field OP = Field.of(LAYOUT, "op");
        public static final Field ID = Field.of(LAYOUT, "id");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");
        public static final Field PAGE_SIZE = Field.of(LAYOUT, "page_size");
        public static final Field UPTR = Field.of(LAYOUT, "uptr");
        public static final Field OUT_NR_DIRTY = Field.of(LAYOUT, "out_nr_dirty");

        /** The value of {@link #OP}. */
        public static final int OPERATION = 13;

        private Dirty() {}
    }
}
