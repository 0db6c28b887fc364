package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.naive.NaiveProvider.Allocator;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.Feature;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Providers that are wrong in one place each, among them the kernel's bugs, and the rule that each breaks. */
final class Faults {
    private static final Set<Feature> ALL =
            Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA, Feature.CONCURRENT_SET);

    private Faults() {}

    record Fault(String name, String rule, Set<Feature> features, Allocator allocator) {
        @Override
        public String toString() {
            return rule + " " + name;
        }
    }

    /** Makes a wrong bitmap from arguments that were checked. */
    private static Fault bitmap(String rule, String name, Allocator allocator) {
        return new Fault(name, rule, ALL, (iova, length, pageSize, data) -> {
            NaiveProvider.requireRange(iova, length, pageSize);
            NaiveProvider.requireData(length, pageSize, data);
            return allocator.allocate(iova, length, pageSize, data);
        });
    }

    private static Fault allocation(String rule, String name, Allocator allocator) {
        return new Fault(name, rule, ALL, allocator);
    }

    static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        faults.addAll(allocating());
        faults.addAll(marking());
        faults.addAll(iterating());
        faults.addAll(living());
        return faults;
    }

    private static List<Fault> allocating() {
        return List.of(
                allocation("ALLOC-1", "B15: length 0 is taken", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length == 0 ? 1 : length, pageSize);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-2", "R4: 0x3000 acts as 4 KiB", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, Long.lowestOneBit(pageSize));
                    NaiveProvider.requireData(length, Long.lowestOneBit(pageSize), data);
                    return new NaiveBitmap(iova, length, Long.lowestOneBit(pageSize), data);
                }),
                allocation("ALLOC-3", "the end is compared signed", (iova, length, pageSize, data) -> {
                    if (iova + length - 1 < iova) {
                        throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                    }
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(length, pageSize, data);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation(
                        "ALLOC-3", "the end is exclusive, and must be below 2^64", (iova, length, pageSize, data) -> {
                            if (U64.compare(iova + length, iova) <= 0) {
                                throw new IllegalArgumentException("length " + U64.show(length) + " wraps");
                            }
                            NaiveProvider.requireRange(iova, length, pageSize);
                            NaiveProvider.requireData(length, pageSize, data);
                            return new NaiveBitmap(iova, length, pageSize, data);
                        }),
                allocation("ALLOC-4", "the size is computed in 32 bits", (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(1, pageSize, data);
                    int words = (int) ((((length - 1) >>> Long.numberOfTrailingZeros(pageSize)) >>> 6) + 1);
                    if (data.byteSize() < words * 8L) {
                        throw new IllegalArgumentException("data has " + data.byteSize() + " bytes");
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                allocation("ALLOC-5", "the message has no value", (iova, length, pageSize, data) -> {
                    try {
                        NaiveProvider.requireRange(iova, length, pageSize);
                        NaiveProvider.requireData(length, pageSize, data);
                    } catch (IllegalArgumentException refused) {
                        throw new IllegalArgumentException("invalid argument", refused);
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-6", "allocation zeroes the data", (iova, length, pageSize, data) -> {
                    data.fill((byte) 0);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                bitmap("ALLOC-7", "the base must be a multiple of the page size", (iova, length, pageSize, data) -> {
                    if ((iova & (pageSize - 1)) != 0) {
                        throw new IllegalArgumentException("iova " + U64.show(iova) + " is not aligned");
                    }
                    return new NaiveBitmap(iova, length, pageSize, data);
                }),
                new Fault("unaligned data is not refused", "BIT-3", Set.of(), (iova, length, pageSize, data) -> {
                    NaiveProvider.requireRange(iova, length, pageSize);
                    NaiveProvider.requireData(length, pageSize, data);
                    return new NaiveBitmap(iova, length, pageSize, data);
                }));
    }

    private static List<Fault> marking() {
        return List.of(
                bitmap("BIT-1", "B1: the bit of the absolute address", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    long bitOf(long iova) {
                        return Math.floorMod((iova >>> shift) - (this.iova >>> shift), bits());
                    }
                }),
                bitmap("BIT-2", "words are big-endian", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void or(long at, int mask) {
                        super.or(at ^ 7, mask);
                    }
                }),
                bitmap("BIT-4", "R3: an overrun is cut at the word", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        super.setClipped(iova, length);
                        long offset = iova - this.iova;
                        if (U64.compare(offset, this.length) < 0 && U64.compare(length, this.length - offset) > 0) {
                            mark(bits() - 1, bits() - 1 | 7);
                        }
                    }
                }),
                bitmap("BIT-5", "B13: the page size is an int", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    long bitOf(long iova) {
                        return shift == 31 ? 0 : super.bitOf(iova);
                    }
                }),
                bitmap("BIT-5", "B13b: eight pages are divided by", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    long bitOf(long iova) {
                        long unused = 1 / (8L << shift);
                        return super.bitOf(iova) + 0 * unused;
                    }
                }),
                bitmap("SET-1", "B2: the pages are the length divided", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void setUnlocked(long iova, long length) {
                        requireUsable();
                        if (!takes(iova, length)) {
                            throw new IndexOutOfBoundsException();
                        }
                        if (length != 0) {
                            mark(bitOf(iova), Math.min(bits(), bitOf(iova) + Math.max(1, length >>> shift)) - 1);
                        }
                    }
                }),
                bitmap("SET-1", "the last page of the range is lost", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark(first, last == bits() - 1 && first < last ? last - 1 : last);
                    }
                }),
                bitmap("SET-2", "B3: the page of data ignores its offset", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void or(long at, int mask) {
                        super.or(at < 4096 ? at : at - pageOffset(), mask);
                    }
                }),
                bitmap("SET-2", "B8: what crosses the window is lost", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        long firstByte = (first >>> 3) + pageOffset();
                        long end = ((firstByte / WINDOW_BYTES + 1) * WINDOW_BYTES - pageOffset()) * 8;
                        super.mark(first, Math.min(last, end - 1));
                    }
                }),
                bitmap("SET-2", "a run stops at the word", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark(first, Math.min(last, first | 63));
                    }
                }),
                bitmap("SET-3", "a byte is stored and not ORed", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void or(long at, int mask) {
                        data.set(ValueLayout.JAVA_BYTE, at, (byte) mask);
                    }
                }),
                bitmap("SET-4", "the length counts pages", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark(first, Math.min(bits() - 1, last == first ? last + 1 : last));
                    }
                }),
                bitmap("SET-5", "addresses are compared signed", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    boolean takes(long iova, long length) {
                        return length == 0
                                ? super.takes(iova, length)
                                : iova >= this.iova
                                        && iova + length - 1 <= this.iova + this.length - 1
                                        && super.takes(iova, 1);
                    }
                }),
                bitmap("SET-5", "a range that wraps is taken", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    boolean takes(long iova, long length) {
                        boolean wraps = U64.compare(iova + length - 1, iova) < 0;
                        return length == 0 || !wraps ? super.takes(iova, length) : U64.compare(iova, this.iova) >= 0;
                    }

                    @Override
                    void mark(long first, long last) {
                        super.mark(first, last < first ? bits() - 1 : last);
                    }
                }),
                bitmap(
                        "SET-5",
                        "R3: the byte of the last page is taken whole",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            boolean takes(long iova, long length) {
                                return super.takes(iova, length)
                                        || (length != 0 && super.bitOf(iova) <= (bits() - 1 | 7) && length <= pageSize);
                            }
                        }),
                bitmap("SET-6", "R3: length 0 at the base marks a page", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void setUnlocked(long iova, long length) {
                        super.setUnlocked(iova, length == 0 && iova == this.iova ? 1 : length);
                    }
                }),
                bitmap("SET-6", "length 0 is refused", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    boolean takes(long iova, long length) {
                        return length != 0 && super.takes(iova, length);
                    }
                }),
                bitmap(
                        "SET-7",
                        "R3: a range that begins before is dropped",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            public void setClipped(long iova, long length) {
                                if (U64.compare(iova, this.iova) >= 0) {
                                    super.setClipped(iova, length);
                                }
                            }
                        }),
                bitmap("SET-8", "B10: pages behind a huge one are skipped", (i, l, p, d) -> new Ahead(i, l, p, d)),
                bitmap("SET-8", "a callback marks its window only", (i, l, p, d) -> new WindowOnly(i, l, p, d)),
                bitmap("CONC-2", "a set is not atomic", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
                        setUnlocked(iova, length);
                    }
                }));
    }

    /** Remembers how far a set went beyond the window, in bytes rounded up. */
    private static final class Ahead extends NaiveBitmap {
        private long ahead;

        Ahead(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        void mark(long first, long last) {
            long firstByte = (first >>> 3) + pageOffset();
            long lastByte = (last >>> 3) + pageOffset();
            if (first >= ahead) {
                super.mark(first, last);
            }
            if (firstByte / WINDOW_BYTES != lastByte / WINDOW_BYTES) {
                ahead = (last >>> 3) + 1 << 3;
            }
        }
    }

    private static final class WindowOnly extends NaiveBitmap {
        private IovaRange window = new IovaRange(0, 0);

        WindowOnly(long iova, long length, long pageSize, MemorySegment data) {
            super(iova, length, pageSize, data);
        }

        @Override
        public <A, X extends Exception> void forEach(A opaque, IovaBitmapCallback<? super A, ? extends X> callback)
                throws X {
            super.<A, X>forEach(opaque, (self, iova, length, same) -> {
                window = new IovaRange(iova, length);
                callback.onRange(self, iova, length, same);
            });
        }

        @Override
        void mark(long first, long last) {
            super.mark(first, iterating ? Math.min(last, bitOf(window.iova() + window.length() - 1)) : last);
        }
    }

    private static List<Fault> iterating() {
        return List.of(
                bitmap("WIN-1", "B7: 64-bit indices skip the rest", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        if (pageOffset() % 8 == 0) {
                            return super.windows();
                        }
                        IovaRange first = super.windows().getFirst();
                        return List.of(first, new IovaRange(first.iova() + first.length(), 0));
                    }
                }),
                bitmap(
                        "WIN-2",
                        "B14: the last window is not cut at the top",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                List<IovaRange> windows = new ArrayList<>(super.windows());
                                IovaRange last = windows.removeLast();
                                long full = last.length() + 8 * pageSize - 1 & -8 * pageSize;
                                boolean wraps = U64.compare(last.iova() + full - 1, last.iova()) < 0;
                                windows.add(wraps ? new IovaRange(last.iova(), full) : last);
                                return windows;
                            }
                        }),
                bitmap(
                        "WIN-2",
                        "the offset does not shorten the first window",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                return windows((bits() + 7) >>> 3, WINDOW_BYTES, WINDOW_BYTES);
                            }
                        }),
                bitmap("WIN-3", "v6.11: one window for all", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    List<IovaRange> windows() {
                        return List.of(new IovaRange(iova, length));
                    }
                }),
                bitmap(
                        "WIN-4",
                        "B11: the page that the offset costs is not counted",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            List<IovaRange> windows() {
                                long bytes = (bits() + 7) >>> 3;
                                long pages = Math.min((bytes + 4095) / 4096, 512);
                                return windows(bytes, pages * 4096 - pageOffset(), WINDOW_BYTES);
                            }
                        }),
                bitmap("WIN-5", "bits depend on the offset", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void or(long at, int mask) {
                        super.or(pageOffset() == 0 ? at : at ^ 1, mask);
                    }
                }),
                bitmap("WIN-6", "an iteration does not start over", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    private boolean done;

                    @Override
                    List<IovaRange> windows() {
                        List<IovaRange> windows = done ? List.of() : super.windows();
                        done = true;
                        return windows;
                    }
                }),
                bitmap("ITER-1", "the opaque argument is lost", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    @SuppressWarnings("unchecked")
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        super.<A, X>forEach(
                                (A)
                                        (opaque instanceof String text
                                                ? text.concat(" ").trim()
                                                : opaque),
                                callback);
                    }
                }),
                bitmap("ITER-2", "what the callback throws is swallowed", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) {
                        try {
                            super.<A, X>forEach(opaque, callback);
                        } catch (Exception swallowed) {
                            requireUsable();
                        }
                    }
                }),
                bitmap("ITER-3", "a nested iteration is let through", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public <A, X extends Exception> void forEach(
                            A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                        iterating = false;
                        super.<A, X>forEach(opaque, callback);
                    }
                }));
    }

    private static List<Fault> living() {
        return List.of(
                bitmap("LIFE-1", "marks after close are taken", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        closed = false;
                    }
                }),
                bitmap("LIFE-1", "a clipped nothing is taken after close", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        if (length != 0) {
                            super.setClipped(iova, length);
                        }
                    }
                }),
                bitmap("LIFE-2", "close clears the data", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        super.close();
                        data.fill((byte) 0);
                    }
                }),
                bitmap("LIFE-3", "close in a callback is let through", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void close() {
                        closed = true;
                    }
                }),
                bitmap(
                        "LIFE-4",
                        "a closed arena is not noticed between windows",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            void requireUsable() {
                                if (!iterating) {
                                    super.requireUsable();
                                }
                            }
                        }),
                bitmap("LIFE-5", "any thread may iterate", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void requireUsable() {
                        if (data.isAccessibleBy(Thread.currentThread())) {
                            super.requireUsable();
                        }
                    }
                }));
    }
}
