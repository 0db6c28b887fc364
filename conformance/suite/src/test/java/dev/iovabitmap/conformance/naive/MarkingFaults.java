package dev.iovabitmap.conformance.naive;

import static dev.iovabitmap.conformance.naive.Faults.bitmap;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.naive.Faults.Fault;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Wrong in the bits. */
final class MarkingFaults {
    private MarkingFaults() {}

    static List<Fault> marking() {
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
                bitmap("BIT-5", "bits are counted in an int", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark((int) first, (int) last);
                    }
                }),
                bitmap("SET-8", "an interrupted thread marks nothing", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        if (!Thread.currentThread().isInterrupted()) {
                            super.mark(first, last);
                        }
                    }
                }),
                bitmap("SET-8", "marking takes the interrupt", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark(first, last);
                        boolean unused = Thread.interrupted();
                    }
                }),
                bitmap("SET-1", "B2: the pages are the length divided", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
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
                bitmap(
                        "SET-2",
                        "B4: only the start of a run finds its page of data",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            void mark(long first, long last) {
                                long end = (4096 - pageOffset()) * 8; // of the first page
                                if (first >= end || last < end) {
                                    super.mark(first, last);
                                } else {
                                    super.mark(first, end - 1);
                                    long wild = end + 8 * pageOffset();
                                    super.mark(wild, Math.min(bits() - 1, last + 8 * pageOffset()));
                                }
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
                bitmap("SET-5", "B6: nothing looks at the range", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    boolean takes(long iova, long length) {
                        return true;
                    }
                }),
                bitmap("SET-6", "R3: length 0 at the base marks a page", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void set(long iova, long length) {
                        super.set(iova, length == 0 && iova == this.iova ? 1 : length);
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
                bitmap("BIT-4", "strays of the last word are cleared", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    void mark(long first, long last) {
                        super.mark(first, last);
                        if (bits() % 8 != 0) {
                            long at = (bits() - 1) >>> 3;
                            int kept = data.get(ValueLayout.JAVA_BYTE, at) & 0xff >> (8 - bits() % 8);
                            data.set(ValueLayout.JAVA_BYTE, at, (byte) kept);
                        }
                    }
                }),
                bitmap("SET-6", "length 0 is taken anywhere", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    boolean takes(long iova, long length) {
                        return length == 0 || super.takes(iova, length);
                    }
                }),
                bitmap(
                        "SET-6",
                        "length 0 is refused behind the last address",
                        (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                            @Override
                            boolean takes(long iova, long length) {
                                return super.takes(iova, length == 0 ? 1 : length);
                            }
                        }),
                bitmap("SET-7", "a length is compared signed", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        super.setClipped(iova, Math.max(0, length));
                    }
                }),
                bitmap("SET-7", "a range that wraps is dropped", (i, l, p, d) -> new NaiveBitmap(i, l, p, d) {
                    @Override
                    public void setClipped(long iova, long length) {
                        super.setClipped(iova, U64.compare(iova + length - 1, iova) < 0 ? 0 : length);
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
}
