package dev.iovabitmap.conformance.faults.history;

import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import java.util.List;

/** What was wrong up to 6.7: one pin for each window, and indices of 64 bits. */
public final class FirstYears {
    private FirstYears() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap(
                                "BIT-1",
                                "words and bits of two formulas that do not fit together",
                                (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                                    @Override
                                    protected void mark(long first, long last) {
                                        for (long bit = first; bit <= last; bit++) {
                                            long address = iova + (bit << shift);
                                            long documented = ((address >>> shift) / 64 * 64 + address % 64) % bits();
                                            super.mark(documented, documented);
                                        }
                                    }
                                })
                        .reEnacting(
                                "B1-code-comment",
                                "B1: the comment with the code, word (iova / pageSize) / 64 and bit iova % 64"),
                bitmap("BIT-1", "a word for each page", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected void mark(long first, long last) {
                                for (long bit = first; bit <= last; bit++) {
                                    long documented = (bit * 64 + (iova + (bit << shift)) % 64) % bits();
                                    super.mark(documented, documented);
                                }
                            }
                        })
                        .reEnacting(
                                "B1-vfio-text",
                                "B1: the text of vfio.h with the report, word (x - iova) / pageSize and bit x % 64"),
                bitmap("BIT-1", "the bit of the absolute address", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected long bitOf(long iova) {
                                return Math.floorMod((iova >>> shift) - (this.iova >>> shift), bits());
                            }
                        })
                        .reEnacting(
                                "B1-iommufd-text",
                                "B1: the text of iommufd.h, which has the right bit of the absolute address"),
                bitmap("SET-1", "the pages are the length divided", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            public void set(long iova, long length) {
                                requireUsable();
                                if (!takes(iova, length)) {
                                    throw new IndexOutOfBoundsException();
                                }
                                if (length != 0) {
                                    mark(
                                            bitOf(iova),
                                            Math.min(bits(), bitOf(iova) + Math.max(1, length >>> shift)) - 1);
                                }
                            }
                        })
                        .reEnacting("B2", "B2: commit b058ea3ab5af (v6.2, 6.1.2)"),
                bitmap("SET-2", "the page of data ignores its offset", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected void or(long at, int mask) {
                                super.or(at < 4096 ? at : at - pageOffset(), mask);
                            }
                        })
                        .reEnacting("B3", "B3: commit f38044e5ef58 (v6.2, 6.1.2)"),
                bitmap(
                                "SET-2",
                                "only the start of a run finds its page of data",
                                (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                                    @Override
                                    protected void mark(long first, long last) {
                                        long end = (4096 - pageOffset()) * 8; // of the first page
                                        if (first >= end || last < end) {
                                            super.mark(first, last);
                                        } else {
                                            super.mark(first, end - 1);
                                            long wild = end + 8 * pageOffset();
                                            super.mark(wild, Math.min(bits() - 1, last + 8 * pageOffset()));
                                        }
                                    }
                                })
                        .reEnacting(
                                "B4", "B4: commit b058ea3ab5af (v6.2, 6.1.2), which finished what f38044e5ef58 began"),
                bitmap("SET-5", "nothing looks at the range", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected boolean takes(long iova, long length) {
                                return true;
                            }
                        })
                        .reEnacting("B6", "B6: review of the fifth version; V5 to 6.7 index beyond the pinned pages"),
                bitmap("WIN-1", "64-bit indices skip the rest", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected List<IovaRange> windows() {
                                if (pageOffset() % 8 == 0) {
                                    return super.windows();
                                }
                                IovaRange first = super.windows().getFirst();
                                return List.of(first, new IovaRange(first.iova() + first.length(), 0));
                            }
                        })
                        .reEnacting("B7", "B7: commit d18411ec3057 (v6.8, 6.7.7)"),
                bitmap("SET-2", "what crosses the window is lost", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected void mark(long first, long last) {
                                long firstByte = (first >>> 3) + pageOffset();
                                long end = ((firstByte / WINDOW_BYTES + 1) * WINDOW_BYTES - pageOffset()) * 8;
                                super.mark(first, Math.min(last, end - 1));
                            }
                        })
                        .reEnacting(
                                "B8",
                                "B8: commit a4ab7dedaee0 (v6.8, 6.7.7), which stopped the overrun and lost the bits"));
    }
}
