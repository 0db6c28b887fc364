package dev.iovabitmap.vfio.sim;

import java.util.EnumSet;
import java.util.Set;

/**
 * What kernels, drivers and devices do that a caller would not expect. Each is a switch. Those that every kernel of a
 * version has are on from the start: {@link KernelVersion#misbehaviours()}.
 */
public enum Misbehaviour {
    /** The device grants 64 KiB where a smaller page size is asked for, as mlx5 does when its hardware has no smaller one. */
    GRANULE_64K,

    /** The device grants 2 MiB where a smaller page size is asked for. */
    GRANULE_2M,

    /**
     * A report that covers a part of a dirty granule clears all of the granule. Any device whose log has one bit for each
     * granule; the IOMMU's entries are {@link #HUGE_ENTRIES}.
     */
    WHOLE_GRANULE_CLEARED,

    /**
     * A dirty granule that starts below the report is cleared and not reported: mlx5 marks at the granule's start, and
     * the kernel's bitmap drops a mark that starts before its first address. Inferred from the source.
     */
    GRANULE_BELOW_REPORT_DROPPED,

    /**
     * Reports must lie within one started range (else EINVAL), start at the next multiple of 8 pages, and acknowledge
     * whole groups of 64 pages, also those past the end of the report: pds.
     */
    ACKNOWLEDGES_64_PAGES,

    /**
     * START of a range whose pages, divided by 8, are no multiple of 8, is EINVAL, and so is a REPORT of no length, of a
     * length that is not one of whole pages, or of more words than a range has: pds, whose log is made of 64-bit words.
     */
    PARTIAL_GROUPS_REFUSED,

    /** START takes at most four ranges and answers more with E2BIG: a driver without mlx5's combining of ranges. */
    FEW_RANGES,

    /**
     * START with more than two ranges logs their hull, without a word, so that more is reported than was asked for: mlx5 and
     * pds, above what the hardware or the firmware takes.
     */
    COMBINES_RANGES,

    /** START of less than 2 MiB in all is EOPNOTSUPP: mlx5, whose smallest space it is. Inferred from the source. */
    SMALL_RANGES_REFUSED,

    /**
     * A report of device logging delivers the first half of each window, clears it, and then fails with EIO: a device
     * that fails in the middle of a query.
     */
    EIO_AFTER_HALF,

    /**
     * The IOMMU maps with the largest entries that fit (2 MiB, 1 GiB) and has one dirty bit for each, so that a report
     * over a part of an entry clears all of it: AMD v1, VT-d and SMMUv3.
     */
    HUGE_ENTRIES,

    /**
     * The IOMMU's walk steps by the size of the entry from wherever it stands, so that a report which starts inside a
     * huge entry passes over entries behind it: AMD v1 and VT-d. Shows together with {@link #HUGE_ENTRIES}.
     */
    WALK_SKIPS,

    /**
     * The walk takes the last item of a contiguous entry for an exclusive end: what the item maps is not reported, and
     * cleared with the rest. An entry of 16 KiB has four items of 4 KiB, one of 4 MiB two of 2 MiB; entries of 4 KiB, 2 MiB
     * and 1 GiB have one, of which nothing is lost. The generic page tables of 6.19, from the source, not run. Shows at
     * {@linkplain SimulatedKernel.Builder#amdIommu AMD's IOMMUs}, since no other has entries of several items.
     */
    LAST_ITEM_LOST,

    /**
     * An IOMMUFD report over a range that is not mapped throughout answers 0, and what lies behind the first hole is
     * neither reported nor cleared: the result of the walk is dropped, since v6.7. In every kernel with IOMMUFD.
     */
    HOLE_HIDES_THE_REST,

    /** Enabling IOMMUFD's tracking a second time clears the log, though tracking was on. In every kernel with IOMMUFD. */
    ENABLE_WIPES,

    /**
     * A GET_DIRTY_BITMAP of length 0 at address 0 is taken for the whole space, and at any other address is EOVERFLOW:
     * before "iommufd: Reject a zero-length dirty bitmap request".
     */
    LENGTH_0_IS_EVERYTHING,

    /**
     * After an EFAULT of type1's GET_BITMAP the kernel's own bitmap stays shifted by the mapping's distance from the
     * report's start, modulo 64 pages, so that the next report names wrong pages. In every kernel.
     */
    TYPE1_STAYS_SHIFTED,

    /**
     * Marks that run past the end of the bitmap set bits up to the end of the last page that is pinned. In every kernel.
     * Here never outside the memory that was handed over with the call.
     */
    STRAY_BITS,

    /**
     * Where a page of the caller's bitmap cannot be pinned its bits are lost, though the device's log is cleared, and the
     * call answers 0: since v6.11.
     */
    PIN_FAILURE_IS_SILENT;

    /** {@return all that pds does, which does it together} */
    public static Set<Misbehaviour> pds() {
        return EnumSet.of(ACKNOWLEDGES_64_PAGES, PARTIAL_GROUPS_REFUSED, COMBINES_RANGES);
    }

    /** {@return all that mlx5 does on hardware whose smallest page is 64 KiB, which does it together} */
    public static Set<Misbehaviour> mlx5() {
        return EnumSet.of(
                GRANULE_64K,
                WHOLE_GRANULE_CLEARED,
                GRANULE_BELOW_REPORT_DROPPED,
                COMBINES_RANGES,
                SMALL_RANGES_REFUSED);
    }
}
