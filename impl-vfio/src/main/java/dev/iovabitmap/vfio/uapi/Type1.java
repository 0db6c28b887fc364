package dev.iovabitmap.vfio.uapi;

import static dev.iovabitmap.vfio.uapi.C.struct;
import static dev.iovabitmap.vfio.uapi.C.u16;
import static dev.iovabitmap.vfio.uapi.C.u32;
import static dev.iovabitmap.vfio.uapi.C.u64;

import java.lang.foreign.StructLayout;

/** Containers with a type1 IOMMU. */
public final class Type1 {
    private Type1() {}

    /** {@code struct vfio_group_status} */
    public static final class GroupStatus {
        public static final StructLayout LAYOUT = struct("vfio_group_status", u32("argsz"), u32("flags"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");

        /** All devices of the group are bound to VFIO or to nothing. */
        public static final int VIABLE = 1;

        public static final int CONTAINER_SET = 1 << 1;

        private GroupStatus() {}
    }

    /** {@code struct vfio_iommu_type1_info}. Capabilities follow it, linked by their offsets. */
    public static final class Info {
        public static final StructLayout LAYOUT = struct(
                "vfio_iommu_type1_info",
                u32("argsz"),
                u32("flags"),
                u64("iova_pgsizes"),
                u32("cap_offset"),
                u32("pad"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOVA_PGSIZES = Field.of(LAYOUT, "iova_pgsizes");
        public static final Field CAP_OFFSET = Field.of(LAYOUT, "cap_offset");
        public static final Field PAD = Field.of(LAYOUT, "pad");

        /** The page sizes are told. */
        public static final int PGSIZES = 1;

        /** There are capabilities. */
        public static final int CAPS = 1 << 1;

        private Info() {}
    }

    /** {@code struct vfio_info_cap_header}; next is the offset of the next one from the start of the info, or 0. */
    public static final class CapabilityHeader {
        public static final StructLayout LAYOUT =
                struct("vfio_info_cap_header", u16("id"), u16("version"), u32("next"));
        public static final Field ID = Field.of(LAYOUT, "id");
        public static final Field VERSION = Field.of(LAYOUT, "version");
        public static final Field NEXT = Field.of(LAYOUT, "next");

        private CapabilityHeader() {}
    }

    /** {@code struct vfio_iommu_type1_info_cap_migration}: dirty tracking is there. */
    public static final class Migration {
        public static final StructLayout LAYOUT = struct(
                "vfio_iommu_type1_info_cap_migration",
                u16("header.id"),
                u16("header.version"),
                u32("header.next"),
                u32("flags"),
                u64("pgsize_bitmap"),
                u64("max_dirty_bitmap_size"));
        public static final Field ID = Field.of(LAYOUT, "header.id");
        public static final Field VERSION = Field.of(LAYOUT, "header.version");
        public static final Field NEXT = Field.of(LAYOUT, "header.next");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field PGSIZE_BITMAP = Field.of(LAYOUT, "pgsize_bitmap");
        public static final Field MAX_DIRTY_BITMAP_SIZE = Field.of(LAYOUT, "max_dirty_bitmap_size");

        /** The id of this capability. */
        public static final int CAPABILITY = 2;

        private Migration() {}
    }

    /** {@code struct vfio_iommu_type1_info_dma_avail}: how many more mappings there may be. */
    public static final class DmaAvailable {
        public static final StructLayout LAYOUT = struct(
                "vfio_iommu_type1_info_dma_avail",
                u16("header.id"),
                u16("header.version"),
                u32("header.next"),
                u32("avail"));
        public static final Field AVAIL = Field.of(LAYOUT, "avail");

        /** The id of this capability. */
        public static final int CAPABILITY = 3;

        private DmaAvailable() {}
    }

    /** {@code struct vfio_iommu_type1_info_cap_iova_range}: what may be mapped. {@link IovaRange}s follow it. */
    public static final class IovaRanges {
        public static final StructLayout LAYOUT = struct(
                "vfio_iommu_type1_info_cap_iova_range",
                u16("header.id"),
                u16("header.version"),
                u32("header.next"),
                u32("nr_iovas"),
                u32("reserved"));
        public static final Field NR_IOVAS = Field.of(LAYOUT, "nr_iovas");

        /** The id of this capability. */
        public static final int CAPABILITY = 1;

        private IovaRanges() {}
    }

    /** {@code struct vfio_iova_range}: inclusive. */
    public static final class IovaRange {
        public static final StructLayout LAYOUT = struct("vfio_iova_range", u64("start"), u64("end"));
        public static final Field START = Field.of(LAYOUT, "start");
        public static final Field END = Field.of(LAYOUT, "end");

        private IovaRange() {}
    }

    /** {@code struct vfio_iommu_type1_dma_map} */
    public static final class Map {
        public static final StructLayout LAYOUT =
                struct("vfio_iommu_type1_dma_map", u32("argsz"), u32("flags"), u64("vaddr"), u64("iova"), u64("size"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field VADDR = Field.of(LAYOUT, "vaddr");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field SIZE = Field.of(LAYOUT, "size");

        public static final int READ = 1;
        public static final int WRITE = 1 << 1;

        private Map() {}
    }

    /** {@code struct vfio_iommu_type1_dma_unmap}. With {@link #GET_DIRTY_BITMAP} a {@link Bitmap} follows it. */
    public static final class Unmap {
        public static final StructLayout LAYOUT =
                struct("vfio_iommu_type1_dma_unmap", u32("argsz"), u32("flags"), u64("iova"), u64("size"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field SIZE = Field.of(LAYOUT, "size");

        public static final int GET_DIRTY_BITMAP = 1;
        public static final int ALL = 1 << 1;
        public static final int VADDR = 1 << 2;

        private Unmap() {}
    }

    /** {@code struct vfio_bitmap}: where dirty bits go; its size is in bytes. */
    public static final class Bitmap {
        public static final StructLayout LAYOUT = struct("vfio_bitmap", u64("pgsize"), u64("size"), u64("data"));
        public static final Field PGSIZE = Field.of(LAYOUT, "pgsize");
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field DATA = Field.of(LAYOUT, "data");

        private Bitmap() {}
    }

    /** {@code struct vfio_iommu_type1_dirty_bitmap}. With {@link #GET_BITMAP} a {@link DirtyGet} follows it. */
    public static final class Dirty {
        public static final StructLayout LAYOUT = struct("vfio_iommu_type1_dirty_bitmap", u32("argsz"), u32("flags"));
        public static final Field ARGSZ = Field.of(LAYOUT, "argsz");
        public static final Field FLAGS = Field.of(LAYOUT, "flags");

        public static final int START = 1;
        public static final int STOP = 1 << 1;
        public static final int GET_BITMAP = 1 << 2;

        private Dirty() {}
    }

    /** {@code struct vfio_iommu_type1_dirty_bitmap_get}: the kernel overwrites whole words of the bitmap. */
    public static final class DirtyGet {
        public static final StructLayout LAYOUT = struct(
                "vfio_iommu_type1_dirty_bitmap_get",
                u64("iova"),
                u64("size"),
                u64("bitmap.pgsize"),
                u64("bitmap.size"),
                u64("bitmap.data"));
        public static final Field IOVA = Field.of(LAYOUT, "iova");
        public static final Field SIZE = Field.of(LAYOUT, "size");
        public static final Field PGSIZE = Field.of(LAYOUT, "bitmap.pgsize");
        public static final Field BITMAP_SIZE = Field.of(LAYOUT, "bitmap.size");
        public static final Field BITMAP_DATA = Field.of(LAYOUT, "bitmap.data");

        private DirtyGet() {}
    }
}
