package dev.iovabitmap.vfio.uapi;

import static dev.iovabitmap.vfio.uapi.C.struct;
import static dev.iovabitmap.vfio.uapi.C.u16;
import static dev.iovabitmap.vfio.uapi.C.u32;
import static dev.iovabitmap.vfio.uapi.C.u64;

import java.lang.foreign.StructLayout;

/** IOMMUFD: address spaces, page tables and their dirty tracking. */
public final class Iommufd {
    private Iommufd() {}

    /** {@code struct vfio_device_bind_iommufd}. */
    public static final class Bind {
        public static final StructLayout LAYOUT =
                struct("vfio_device_bind_iommufd", u32("argsz"), u32("flags"), u32("iommufd"), u32("out_devid"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOMMUFD = Field.of(LAYOUT, "iommufd");
        public static final Field OUT_DEVID = Field.of(LAYOUT, "out_devid");

        private Bind() {}
    }

    /** {@code struct vfio_device_attach_iommufd_pt}. */
    public static final class Attach {
        public static final StructLayout LAYOUT =
                struct("vfio_device_attach_iommufd_pt", u32("argsz"), u32("flags"), u32("pt_id"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field PT_ID = Field.of(LAYOUT, "pt_id");

        private Attach() {}
    }

    /** {@code struct vfio_device_detach_iommufd_pt}. */
    public static final class Detach {
        public static final StructLayout LAYOUT = struct("vfio_device_detach_iommufd_pt", u32("argsz"), u32("flags"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");

        private Detach() {}
    }

    /** {@code struct iommu_destroy}. */
    public static final class Destroy {
        public static final StructLayout LAYOUT = struct("iommu_destroy", u32("size"), u32("id"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field ID = Field.of(LAYOUT, "id");

        private Destroy() {}
    }

    /** {@code struct iommu_ioas_alloc}. */
    public static final class IoasAlloc {
        public static final StructLayout LAYOUT =
                struct("iommu_ioas_alloc", u32("size"), u32("flags"), u32("out_ioas_id"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field OUT_IOAS_ID = Field.of(LAYOUT, "out_ioas_id");

        private IoasAlloc() {}
    }

    /** {@code struct iommu_ioas_iova_ranges}. */
    public static final class IovaRanges {
        public static final StructLayout LAYOUT = struct(
                "iommu_ioas_iova_ranges",
                u32("size"),
                u32("ioas_id"),
                u32("num_iovas"),
                u32("__reserved"),
                u64("allowed_iovas"),
                u64("out_iova_alignment"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field IOAS_ID = Field.of(LAYOUT, "ioas_id");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field NUM_IOVAS = Field.of(LAYOUT, "num_iovas");
        public static final Field ALLOWED_IOVAS = Field.of(LAYOUT, "allowed_iovas");
        public static final Field OUT_IOVA_ALIGNMENT = Field.of(LAYOUT, "out_iova_alignment");

        private IovaRanges() {}
    }

    /** {@code struct iommu_iova_range}: inclusive. */
    public static final class IovaRange {
        public static final StructLayout LAYOUT = struct("iommu_iova_range", u64("start"), u64("last"));
        public static final Field START = Field.of(LAYOUT, "start");
        public static final Field LAST = Field.of(LAYOUT, "last");

        private IovaRange() {}
    }

    /** {@code struct iommu_ioas_map}. */
    public static final class IoasMap {
        public static final StructLayout LAYOUT = struct(
                "iommu_ioas_map",
                u32("size"),
                u32("flags"),
                u32("ioas_id"),
                u32("__reserved"),
                u64("user_va"),
                u64("length"),
                u64("iova"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOAS_ID = Field.of(LAYOUT, "ioas_id");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field USER_VA = Field.of(LAYOUT, "user_va");
        public static final Field LENGTH = Field.of(LAYOUT, "length");
        public static final Field IOVA = Field.of(LAYOUT, "iova");

        public static final int FIXED_IOVA = 1;
        public static final int WRITEABLE = 1 << 1;
        public static final int READABLE = 1 << 2;

        private IoasMap() {}
    }

    /** {@code struct iommu_ioas_unmap}. */
    public static final class IoasUnmap {
        public static final StructLayout LAYOUT =
                struct("iommu_ioas_unmap", u32("size"), u32("ioas_id"), u64("iova"), u64("length"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field IOAS_ID = Field.of(LAYOUT, "ioas_id");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");

        private IoasUnmap() {}
    }

    /** {@code struct iommu_option}. */
    public static final class Option {
        public static final StructLayout LAYOUT = struct(
                "iommu_option",
                u32("size"),
                u32("option_id"),
                u16("op"),
                u16("__reserved"),
                u32("object_id"),
                u64("val64"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field OPTION_ID = Field.of(LAYOUT, "option_id");
        public static final Field OP = Field.of(LAYOUT, "op");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field OBJECT_ID = Field.of(LAYOUT, "object_id");
        public static final Field VAL64 = Field.of(LAYOUT, "val64");

        /** An option of an address space: whether its page tables may have entries larger than the smallest page. */
        public static final int HUGE_PAGES = 1;

        public static final int OP_SET = 0;
        public static final int OP_GET = 1;

        private Option() {}
    }

    /** {@code struct iommu_hwpt_alloc}. */
    public static final class HwptAlloc {
        public static final StructLayout LAYOUT = struct(
                "iommu_hwpt_alloc",
                u32("size"),
                u32("flags"),
                u32("dev_id"),
                u32("pt_id"),
                u32("out_hwpt_id"),
                u32("__reserved"),
                u32("data_type"),
                u32("data_len"),
                u64("data_uptr"),
                u32("fault_id"),
                u32("__reserved2"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field DEV_ID = Field.of(LAYOUT, "dev_id");
        public static final Field PT_ID = Field.of(LAYOUT, "pt_id");
        public static final Field OUT_HWPT_ID = Field.of(LAYOUT, "out_hwpt_id");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field DATA_TYPE = Field.of(LAYOUT, "data_type");
        public static final Field DATA_LEN = Field.of(LAYOUT, "data_len");
        public static final Field DATA_UPTR = Field.of(LAYOUT, "data_uptr");
        public static final Field FAULT_ID = Field.of(LAYOUT, "fault_id");

        public static final int NEST_PARENT = 1;
        public static final int DIRTY_TRACKING = 1 << 1;

        private HwptAlloc() {}
    }

    /** {@code struct iommu_hw_info}. The reserved word holds the newer out_max_pasid_log2. */
    public static final class HwInfo {
        public static final StructLayout LAYOUT = struct(
                "iommu_hw_info",
                u32("size"),
                u32("flags"),
                u32("dev_id"),
                u32("data_len"),
                u64("data_uptr"),
                u32("out_data_type"),
                u32("__reserved"),
                u64("out_capabilities"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field DEV_ID = Field.of(LAYOUT, "dev_id");
        public static final Field DATA_LEN = Field.of(LAYOUT, "data_len");
        public static final Field DATA_UPTR = Field.of(LAYOUT, "data_uptr");
        public static final Field OUT_DATA_TYPE = Field.of(LAYOUT, "out_data_type");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field OUT_CAPABILITIES = Field.of(LAYOUT, "out_capabilities");

        /** Types of hardware. Kernels up to 6.19 have none for AMD and answer as for what they do not know. */
        public static final int TYPE_NONE = 0;

        public static final int TYPE_INTEL_VTD = 1;

        /** A bit of the capabilities. */
        public static final long DIRTY_TRACKING = 1;

        private HwInfo() {}
    }

    /** {@code struct iommu_hwpt_set_dirty_tracking}. */
    public static final class SetDirtyTracking {
        public static final StructLayout LAYOUT =
                struct("iommu_hwpt_set_dirty_tracking", u32("size"), u32("flags"), u32("hwpt_id"), u32("__reserved"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field HWPT_ID = Field.of(LAYOUT, "hwpt_id");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");

        public static final int ENABLE = 1;

        private SetDirtyTracking() {}
    }

    /** {@code struct iommu_hwpt_get_dirty_bitmap}: the kernel ORs into the bitmap and clears its log. */
    public static final class GetDirtyBitmap {
        public static final StructLayout LAYOUT = struct(
                "iommu_hwpt_get_dirty_bitmap",
                u32("size"),
                u32("hwpt_id"),
                u32("flags"),
                u32("__reserved"),
                u64("iova"),
                u64("length"),
                u64("page_size"),
                u64("data"));
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field HWPT_ID = Field.of(LAYOUT, "hwpt_id");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field RESERVED = Field.of(LAYOUT, "__reserved");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field LENGTH = Field.of(LAYOUT, "length");
        public static final Field PAGE_SIZE = Field.of(LAYOUT, "page_size");
        public static final Field DATA = Field.of(LAYOUT, "data");

        /** The log is read and not cleared. */
        public static final int NO_CLEAR = 1;

        private GetDirtyBitmap() {}
    }
}
