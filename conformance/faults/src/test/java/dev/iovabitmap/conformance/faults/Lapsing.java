package dev.iovabitmap.conformance.faults;

import dev.iovabitmap.IovaBitmap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;

/** A provider that fails in each way that leaves a report of single tests; and those whose runs never come to their end. */
public class Lapsing extends RightProvider {
    private static final long HALF = 1L << 63;

    /** Creates the provider. */
    public Lapsing() {}

    @Override
    public String name() {
        return "lapsing";
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        if (pageSize == HALF) {
            throw new NoSuchMethodError("pagesOfHalfTheSpace()");
        }
        long taken = length == 0 ? 1 : length;
        requireRange(iova, taken, pageSize);
        requireData(taken, pageSize, data);
        return new RightBitmap(iova, taken, pageSize, data) {
            @Override
            protected void mark(long first, long last) {
                if (shift == 40) {
                    throw new IllegalCallerException("no pages of a tebibyte");
                }
                super.mark(first, shift > 20 && first < last ? last - 1 : last);
            }
        };
    }

    /** Right, up to the first clipped mark. */
    private abstract static class Lost extends RightProvider {
        @Override
        public String name() {
            return "lost";
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            requireRange(iova, length, pageSize);
            requireData(length, pageSize, data);
            return new RightBitmap(iova, length, pageSize, data) {
                @Override
                public void setClipped(long from, long bytes) {
                    lose();
                }
            };
        }

        abstract void lose();
    }

    /** Never returns. */
    public static final class Hanging extends Lost {
        /** Creates the provider. */
        public Hanging() {}

        @Override
        void lose() {
            while (true) {
                LockSupport.park();
            }
        }
    }

    /** Ends its JVM in good order. */
    public static final class Exiting extends Lost {
        /** Creates the provider. */
        public Exiting() {}

        @Override
        void lose() {
            System.exit(0);
        }
    }

    /** Ends its JVM at once. */
    public static final class Halting extends Lost {
        /** Creates the provider. */
        public Halting() {}

        @Override
        void lose() {
            Runtime.getRuntime().halt(9);
        }
    }

    /** Crashes its JVM. */
    public static final class Crashing extends Lost {
        /** Creates the provider. */
        public Crashing() {}

        @Override
        @SuppressWarnings("restricted")
        void lose() {
            MemorySegment.ofAddress(1 << 12).reinterpret(8).set(ValueLayout.JAVA_LONG, 0, 1);
        }
    }

    /** Has the engine give up. */
    public static final class Exhausted extends Lost {
        /** Creates the provider. */
        public Exhausted() {}

        @Override
        void lose() {
            throw new OutOfMemoryError("pretended");
        }
    }
}
