package dev.iovabitmap.conformance.faults.history;

import static dev.iovabitmap.conformance.faults.Fault.allocation;
import static dev.iovabitmap.conformance.faults.Fault.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.faults.RightBitmap;
import dev.iovabitmap.conformance.faults.RightProvider;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was wrong from 6.8 on, up to today. */
public final class LaterYears {
    private LaterYears() {}

    /** {@return the faults} */
    public static List<Fault> all() {
        return List.of(
                bitmap(
                                "SET-8",
                                "what goes beyond the window marks a page and ends all",
                                (i, l, p, d) -> new SetAhead(i, l, p, d))
                        .reEnacting("B9", "B9: commit 2780025e01e2 (v6.8, 6.7.7), with data that starts a page"),
                bitmap("SET-8", "pages behind a huge one are skipped", (i, l, p, d) -> new Ahead(i, l, p, d))
                        .reEnacting("B10", "B10: gone with commits 7a7bba16244a and 53e6b65693b6 (v6.11)"),
                bitmap(
                                "WIN-4",
                                "the page that the offset costs is not counted",
                                (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                                    @Override
                                    protected List<IovaRange> windows() {
                                        long bytes = (bits() + 7) >>> 3;
                                        long pages = Math.min((bytes + 4095) / 4096, 512);
                                        return windows(bytes, pages * 4096 - pageOffset(), WINDOW_BYTES);
                                    }
                                })
                        .reEnacting("B11", "B11: commit 4bbcbc6ea2fa (v6.8, 6.7.7)"),
                bitmap(
                                "SET-8",
                                "a range that is finished early is an error",
                                (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                                    private boolean finished;

                                    @Override
                                    protected void mark(long first, long last) {
                                        super.mark(first, last);
                                        finished = iterating
                                                && first >>> 3 != last >>> 3
                                                && last >>> 3 == (bits() - 1) >>> 3;
                                    }

                                    @Override
                                    public <A extends @Nullable Object, X extends Exception> void forEach(
                                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                        finished = false;
                                        super.<A, X>forEach(opaque, callback);
                                        if (finished && windows().size() > 1) {
                                            throw new IllegalStateException("EFAULT");
                                        }
                                    }
                                })
                        .reEnacting("B12", "B12: commit 792583656f55 (v6.11)"),
                bitmap("BIT-5", "the page size is an int", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected long bitOf(long iova) {
                                return shift == 31 ? 0 : super.bitOf(iova);
                            }
                        })
                        .reEnacting("B13", "B13: commit e24c15510592 (v6.14), found by syzbot"),
                bitmap("BIT-5", "eight pages are divided by", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected long bitOf(long iova) {
                                long unused = 1 / (8L << shift);
                                return super.bitOf(iova) + 0 * unused;
                            }
                        })
                        .reEnacting("B13b", "B13b: commit cb30dfa75d55 (v6.18), found by syzbot"),
                bitmap("WIN-2", "the last window is not cut at the top", (i, l, p, d) -> new RightBitmap(i, l, p, d) {
                            @Override
                            protected List<IovaRange> windows() {
                                List<IovaRange> windows = new ArrayList<>(super.windows());
                                IovaRange last = windows.removeLast();
                                long full = (last.length() + 8 * pageSize - 1) & (-8 * pageSize);
                                boolean wraps = U64.compare(last.iova() + full - 1, last.iova()) < 0;
                                windows.add(wraps ? new IovaRange(last.iova(), full) : last);
                                return windows;
                            }
                        })
                        .reEnacting("B14", "B14: commit d18411ec3057 in part; moot since v6.11"),
                allocation("ALLOC-1", "length 0 is taken", (iova, length, pageSize, data) -> {
                            RightProvider.requireRange(iova, length == 0 ? 1 : length, pageSize);
                            return new RightBitmap(iova, length, pageSize, data);
                        })
                        .reEnacting("B15", "B15: 6.12.117, a zero-length request is rejected"));
    }

    /** Remembers how far a set went beyond the window, in bytes rounded up. */
    private static final class Ahead extends RightBitmap {
        private long ahead;

        Ahead(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        protected void mark(long first, long last) {
            long firstByte = (first >>> 3) + pageOffset();
            long lastByte = (last >>> 3) + pageOffset();
            if (first >= ahead) {
                super.mark(first, last);
            }
            if (firstByte / WINDOW_BYTES != lastByte / WINDOW_BYTES) {
                ahead = ((last >>> 3) + 1) << 3;
            }
        }
    }

    /** The kernel's set-ahead with data that starts a page: the rest is of length 0, and that marked a page of bits. */
    private static final class SetAhead extends RightBitmap {
        private boolean ahead;

        SetAhead(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        protected void mark(long first, long last) {
            if (iterating && pageOffset() == 0 && (first >>> 3) / WINDOW_BYTES != (last >>> 3) / WINDOW_BYTES) {
                ahead = true;
                super.mark(first, (first >>> 3) / WINDOW_BYTES * WINDOW_BYTES * 8 + WINDOW_BYTES * 8 - 1);
            } else {
                super.mark(first, last);
            }
        }

        @Override
        public <A extends @Nullable Object, X extends Exception> void forEach(
                A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
            ahead = false;
            super.<A, X>forEach(opaque, (self, iova, length, same) -> {
                if (!ahead) {
                    callback.onRange(self, iova, length, same);
                    if (ahead) {
                        long next = bitOf(iova + length);
                        super.mark(next, Math.min(bits() - 1, next + 32767));
                    }
                }
            });
        }
    }
}
