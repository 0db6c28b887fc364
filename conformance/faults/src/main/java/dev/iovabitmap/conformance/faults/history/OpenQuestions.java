package dev.iovabitmap.conformance.faults.history;

import static dev.iovabitmap.conformance.faults.Fault.allocation;
import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.subject.U64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the kernel still does. */
public final class OpenQuestions {
    private OpenQuestions() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap("LIFE-4", "memory that is gone is ignored", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public void set(long iova, long length) {
                                if (data.scope().isAlive()) {
                                    super.set(iova, length);
                                }
                            }
                        })
                        .reEnacting(
                                "R1-gone-memory",
                                "R1: since v6.11 memory that cannot be pinned loses bits without an error"),
                allocation("ALLOC-4", "read-only data is taken", (iova, length, pageSize, data) -> {
                            RightProvider.requireRange(iova, length, pageSize);
                            if (!data.isReadOnly()) {
                                RightProvider.requireData(length, pageSize, data);
                            }
                            return new RightBitmap(iova, length, pageSize, data);
                        })
                        .reEnacting(
                                "R1-read-only-memory",
                                "R1: since v6.11 nothing looks at the memory when the bitmap is made"),
                bitmap("ITER-2", "what the callback throws is swallowed", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) {
                                try {
                                    super.<A, X>forEach(opaque, callback);
                                } catch (Exception swallowed) {
                                    requireUsable();
                                }
                            }
                        })
                        .reEnacting(
                                "R2", "R2: iommu_read_and_clear_dirty drops what the iteration returns (since v6.7)"),
                bitmap("BIT-4", "an overrun is cut at the word", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public void setClipped(long iova, long length) {
                                super.setClipped(iova, length);
                                long offset = iova - this.iova;
                                if (U64.compare(offset, this.length) < 0
                                        && U64.compare(length, this.length - offset) > 0) {
                                    mark(bits() - 1, (bits() - 1) | 7);
                                }
                            }
                        })
                        .reEnacting("R3-overrun", "R3: a set that runs past the end leaves strays"),
                bitmap(
                                "SET-5",
                                "the byte of the last page is taken whole",
                                (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                                    @Override
                                    protected boolean takes(long iova, long length) {
                                        return super.takes(iova, length)
                                                || (length != 0
                                                        && super.bitOf(iova) <= ((bits() - 1) | 7)
                                                        && length <= pageSize);
                                    }
                                })
                        .reEnacting("R3-last-byte", "R3: a set behind the end, in the last byte, leaves a stray"),
                bitmap("SET-6", "length 0 at the base marks a page", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public void set(long iova, long length) {
                                super.set(iova, length == 0 && iova == this.iova ? 1 : length);
                            }
                        })
                        .reEnacting("R3-length-0", "R3: a set of length 0 at the base, up to 6.1"),
                bitmap("SET-7", "a range that begins before is dropped", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public void setClipped(long iova, long length) {
                                if (U64.compare(iova, this.iova) >= 0) {
                                    super.setClipped(iova, length);
                                }
                            }
                        })
                        .reEnacting("R3-underrun", "R3: a set that begins before the base is dropped whole"),
                bitmap("SET-5", "a range that wraps is taken", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected boolean takes(long iova, long length) {
                                boolean wraps = U64.compare(iova + length - 1, iova) < 0;
                                boolean beyondTheTop = length != 0 && wraps;
                                return beyondTheTop ? U64.compare(iova, this.iova) >= 0 : super.takes(iova, length);
                            }

                            @Override
                            protected void mark(long first, long last) {
                                super.mark(first, last < first ? bits() - 1 : last);
                            }
                        })
                        .reEnacting("R3-wrap", "R3: a set beyond 2^64 - 1 is walked, in the kernel without end"),
                allocation("ALLOC-2", "0x3000 acts as 4 KiB", (iova, length, pageSize, data) -> {
                            RightProvider.requireRange(iova, length, Long.lowestOneBit(pageSize));
                            RightProvider.requireData(length, Long.lowestOneBit(pageSize), data);
                            return new RightBitmap(iova, length, Long.lowestOneBit(pageSize), data);
                        })
                        .reEnacting("R4", "R4: IOMMUFD takes a page size that is no power of two (since v6.7)"));
    }
}
