package dev.iovabitmap.vfio.machine;

/** Why a page that nobody wrote may be reported dirty all the same. There is no other reason. */
enum Cause {
    /** A report failed, here or in an earlier session of the same device or page table, and may have cleared anything. */
    FAILED_REPORT,
    /** A device that nothing tracks may write, or could since the page was last handed over. */
    UNTRACKED_WRITER,
    /** Nothing is mapped at the address. */
    UNMAPPED,
    /** Something was mapped or unmapped at the address since it was last handed over. */
    REMAPPED,
    /** The last 64 granules of the space, which no report of a device's log can reach to the end of: rule HW-6. */
    TOP_OF_SPACE,
    /** An AMD host from Linux 6.19 on whose page tables somebody else made. */
    WALK_6_19
}
