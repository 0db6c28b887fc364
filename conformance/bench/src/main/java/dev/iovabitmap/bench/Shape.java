package dev.iovabitmap.bench;

import java.util.SplittableRandom;

/** What is dirty in a bitmap. The same seed gives the same pages to every subject. */
public enum Shape {
    EMPTY {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {}
    },
    SPARSE {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {
            for (int i = 0; i < 256; i++) {
                bits.set(i * (pages / 256) + random.nextLong(pages / 256));
            }
        }
    },
    ONE_PERCENT {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {
            for (long i = 0; i < pages / 100; i++) {
                bits.set(random.nextLong(pages));
            }
        }
    },
    HALF {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {
            for (long page = 0; page < pages; page++) {
                if (random.nextBoolean()) {
                    bits.set(page);
                }
            }
        }
    },
    /** 2,000 runs of 1 to 4,096 pages. */
    RUNS {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {
            long slot = pages / 2_000;
            long longest = Math.min(4_096, slot - 1);
            for (int i = 0; i < 2_000; i++) {
                long length = 1 + random.nextLong(longest);
                bits.set(i * slot + random.nextLong(slot - length), length);
            }
        }
    },
    FULL {
        @Override
        void fill(Bits bits, long pages, SplittableRandom random) {
            bits.set(0, pages);
        }
    };

    private static final long SEED = 0x10aB17;

    abstract void fill(Bits bits, long pages, SplittableRandom random);

    final void fill(Bits bits, long pages) {
        fill(bits, pages, new SplittableRandom(SEED));
    }
}
