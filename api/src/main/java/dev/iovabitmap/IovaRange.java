package dev.iovabitmap;

/**
 * A range of I/O virtual address space.
 *
 * @param iova the first address, unsigned
 * @param length the length in bytes, unsigned
 */
public record IovaRange(long iova, long length) {
    @Override
    public String toString() {
        return "IovaRange[iova=" + Unsigned.hex(iova) + ", length=" + Unsigned.hex(length) + "]";
    }
}
