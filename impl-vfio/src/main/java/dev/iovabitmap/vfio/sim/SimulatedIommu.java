package dev.iovabitmap.vfio.sim;

/**
 * An IOMMU, and what its driver says of it.
 *
 * @param number by which it is known
 * @param tracks whether its page tables have dirty bits that IOMMUFD can read
 * @param amd whether it is one of AMD: its entries have any power of two for their size, as large as fits
 * @param pageSizes a bit for each size of an entry
 * @param aperture the addresses that it translates
 */
record SimulatedIommu(int number, boolean tracks, boolean amd, long pageSizes, Interval aperture) {
    /** All powers of two from 4 KiB on but 512 GiB, which the hardware gets wrong. */
    static final long AMD_PAGE_SIZES = -UserMemory.PAGE & ~(1L << 39);

    long smallestPage() {
        return Long.lowestOneBit(pageSizes);
    }
}
