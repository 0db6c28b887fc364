package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The naive model: a range, a page size and where in a base page the data starts, with all arithmetic in integers that
 * cannot overflow. It shares nothing with {@link IovaBitmapLayout}, so that both have to be wrong for a test to miss it.
 *
 * @param iova the first address, unsigned
 * @param length the length in bytes, unsigned, not 0
 * @param pageSize the page size of a bit, unsigned, a power of two
 * @param pageOffset the data's address modulo 4096
 */
public record Geometry(long iova, long length, long pageSize, int pageOffset) {
    /** The base page size that backends window by. */
    public static final long P = 4096;

    /** The largest page size. */
    public static final long MAX_PAGE_SIZE = 1L << 63;

    /** A run of bits, both inclusive. */
    public record Bits(int first, int last) {}

    /** {@return a geometry whose data starts a base page} */
    public static Geometry of(long iova, long length, long pageSize) {
        return new Geometry(iova, length, pageSize, 0);
    }

    /** {@return a geometry of whole pages} */
    public static Geometry ofPages(long iova, long pages, long pageSize) {
        return of(iova, U64.fromBigInteger(U64.toBigInteger(pageSize).multiply(BigInteger.valueOf(pages))), pageSize);
    }

    /** {@return this geometry with its data elsewhere} */
    public Geometry at(int offset) {
        return new Geometry(iova, length, pageSize, offset);
    }

    public IovaBitmapLayout layout() {
        return new IovaBitmapLayout(iova, length, pageSize);
    }

    public BigInteger base() {
        return U64.toBigInteger(iova);
    }

    /** {@return the last address, inclusive} */
    public BigInteger last() {
        return base().add(U64.toBigInteger(length)).subtract(BigInteger.ONE);
    }

    public long lastIova() {
        return U64.fromBigInteger(last());
    }

    public BigInteger bits() {
        return ceilDiv(U64.toBigInteger(length), U64.toBigInteger(pageSize));
    }

    /** {@return the number of bits, of a bitmap that fits in memory} */
    public int bitCount() {
        return bits().intValueExact();
    }

    /** {@return the size of the words in bytes} */
    public int byteSize() {
        return ceilDiv(bits(), BigInteger.valueOf(64)).intValueExact() * 8;
    }

    /** {@return the address of the n-th page from the base; n may be negative or beyond the end} */
    public long page(long n) {
        return U64.fromBigInteger(base().add(U64.toBigInteger(pageSize).multiply(BigInteger.valueOf(n))));
    }

    /** {@return the length of n pages} */
    public long pages(long n) {
        return U64.fromBigInteger(U64.toBigInteger(pageSize).multiply(BigInteger.valueOf(n)));
    }

    /** {@return the bits of the part of a range that is inside; null if none is} The range is cut at 2^64 - 1. */
    public @Nullable Bits bitsOf(long iova, long length) {
        BigInteger first = U64.toBigInteger(iova).max(base());
        BigInteger last = U64.toBigInteger(iova)
                .add(U64.toBigInteger(length))
                .subtract(BigInteger.ONE)
                .min(last());
        if (length == 0 || first.compareTo(last) > 0) {
            return null;
        }
        return new Bits(bitAt(first).intValueExact(), bitAt(last).intValueExact());
    }

    /** {@return the bit of an address that is inside} */
    public BigInteger bitAt(BigInteger address) {
        return address.subtract(base()).divide(U64.toBigInteger(pageSize));
    }

    /** {@return whether set takes the range: SET-5 and, for length 0, SET-6} */
    public boolean takes(long iova, long length) {
        if (length == 0) {
            BigInteger offset =
                    U64.toBigInteger(U64.fromBigInteger(U64.toBigInteger(iova).subtract(base())));
            return offset.compareTo(U64.toBigInteger(this.length)) <= 0;
        }
        BigInteger first = U64.toBigInteger(iova);
        BigInteger end = first.add(U64.toBigInteger(length)).subtract(BigInteger.ONE);
        return first.compareTo(base()) >= 0 && end.compareTo(last()) <= 0;
    }

    /** {@return the windows that forEach visits} */
    public List<IovaRange> windows() {
        return windows(P);
    }

    /** {@return the windows with another base page size, one after another as the kernel pins them} */
    public List<IovaRange> windows(long basePage) {
        List<IovaRange> windows = new ArrayList<>();
        BigInteger total = ceilDiv(bits(), BigInteger.valueOf(8));
        BigInteger done = BigInteger.ZERO;
        BigInteger room = cap(basePage).subtract(BigInteger.valueOf(pageOffset));
        while (done.compareTo(total) < 0) {
            BigInteger next = done.add(room).min(total);
            windows.add(between(done, next));
            done = next;
            room = cap(basePage);
        }
        return windows;
    }

    /** {@return one window, for geometries with too many to list} */
    public IovaRange window(BigInteger index, long basePage) {
        BigInteger offset = BigInteger.valueOf(pageOffset);
        BigInteger first = index.multiply(cap(basePage)).subtract(offset).max(BigInteger.ZERO);
        BigInteger next = index.add(BigInteger.ONE).multiply(cap(basePage)).subtract(offset);
        return between(first, next.min(ceilDiv(bits(), BigInteger.valueOf(8))));
    }

    /** {@return how many windows there are} */
    public BigInteger windowCount(long basePage) {
        return ceilDiv(ceilDiv(bits(), BigInteger.valueOf(8)).add(BigInteger.valueOf(pageOffset)), cap(basePage));
    }

    /** The addresses that the bitmap's bytes from first up to end, exclusive, stand for. */
    private IovaRange between(BigInteger first, BigInteger end) {
        BigInteger perByte = U64.toBigInteger(pageSize).multiply(BigInteger.valueOf(8));
        BigInteger start = base().add(first.multiply(perByte));
        BigInteger stop = base().add(end.multiply(perByte)).min(last().add(BigInteger.ONE));
        return new IovaRange(U64.fromBigInteger(start), U64.fromBigInteger(stop.subtract(start)));
    }

    /** A window is P / 8 pages of P bytes. */
    private static BigInteger cap(long basePage) {
        return BigInteger.valueOf(basePage / 8 * basePage);
    }

    private static BigInteger ceilDiv(BigInteger value, BigInteger by) {
        return value.add(by).subtract(BigInteger.ONE).divide(by);
    }

    @Override
    public String toString() {
        return "iova " + U64.show(iova) + ", length " + U64.show(length) + ", page size " + U64.show(pageSize) + ", "
                + bits() + " bits, data at offset " + pageOffset + " of a page";
    }
}
