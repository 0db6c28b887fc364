package dev.iovabitmap.conformance.faults.rules;

import static dev.iovabitmap.conformance.faults.Fault.library;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Library;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/** Takes that are wrong in one place each. All check what they are given, where not that is what is wrong. */
final class TakeFaults {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ATOMIC = WORD.varHandle();

    private TakeFaults() {}

    static List<Fault> all() {
        return List.of(
                library("READ-7", "take merges and then clears", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, into);
                        DirtyPages.merge(layout, from, layout, into);
                        DirtyPages.clear(layout, from);
                    }
                }),
                library("READ-7", "take clears words that others may have set meanwhile", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, into);
                        for (long word = 0; word < layout.wordCount(); word++) {
                            long bits = (long) ATOMIC.getVolatile(from, word * 8) & mask(layout, word);
                            from.set(WORD, word * 8, from.get(WORD, word * 8) & ~mask(layout, word));
                            ATOMIC.getAndBitwiseOr(into, word * 8, bits);
                        }
                    }
                }),
                library("READ-7", "take marks the other side without an atomic OR", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, into);
                        for (long word = 0; word < layout.wordCount(); word++) {
                            long mask = mask(layout, word);
                            long bits = (long) ATOMIC.getAndBitwiseAnd(from, word * 8, ~mask) & mask;
                            into.set(WORD, word * 8, into.get(WORD, word * 8) | bits);
                        }
                    }
                }),
                library("READ-7", "take marks before it clears", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, into);
                        for (long word = 0; word < layout.wordCount(); word++) {
                            long bits = (long) ATOMIC.getVolatile(from, word * 8) & mask(layout, word);
                            ATOMIC.getAndBitwiseOr(into, word * 8, bits);
                            Thread.onSpinWait(); // drained there before it is cleared here, it comes twice
                            ATOMIC.getAndBitwiseAnd(from, word * 8, ~mask(layout, word));
                        }
                    }
                }),
                library("READ-7", "take moves strays", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        DirtyPages.take(words(layout), from, into);
                    }
                }),
                library("READ-7", "take clears strays", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        DirtyPages.take(layout, from, into);
                        DirtyPages.clear(words(layout), from);
                    }
                }),
                library("READ-7", "take overwrites what was marked on the other side", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, into);
                        DirtyPages.clear(layout, into);
                        DirtyPages.take(layout, from, into);
                    }
                }),
                library("READ-7", "take checks only the side that it takes from", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        check(layout, from, MemorySegment.ofArray(new long[Math.toIntExact(layout.wordCount())]));
                        for (long word = 0; word < layout.wordCount(); word++) {
                            long mask = mask(layout, word);
                            long bits = (long) ATOMIC.getAndBitwiseAnd(from, word * 8, ~mask) & mask;
                            ATOMIC.getAndBitwiseOr(into, word * 8, bits);
                        }
                    }
                }),
                library("READ-7", "take into overlapping data", new Library() {
                    @Override
                    public void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
                        if (from.asOverlappingSlice(into).isEmpty()) {
                            DirtyPages.take(layout, from, into);
                        }
                    }
                }));
    }

    /** Refuses what the right one refuses. */
    private static void check(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
        require(layout, from, "from");
        require(layout, into, "into");
        if (from.asOverlappingSlice(into).isPresent()) {
            throw new IllegalArgumentException("from and into overlap");
        }
        boolean unused = from.get(ValueLayout.JAVA_BYTE, 0) == into.get(ValueLayout.JAVA_BYTE, 0);
    }

    private static void require(IovaBitmapLayout layout, MemorySegment data, String name) {
        if (data.byteSize() < layout.byteSize() || data.isReadOnly() || data.maxByteAlignment() < Long.BYTES) {
            throw new IllegalArgumentException(name + " does not do");
        }
    }

    /** The bits of a word that stand for pages. */
    private static long mask(IovaBitmapLayout layout, long word) {
        return word == layout.wordCount() - 1 ? -1L >>> -layout.bitCount() : -1L;
    }

    /** The same words with a bit for each of theirs. */
    private static IovaBitmapLayout words(IovaBitmapLayout layout) {
        return new IovaBitmapLayout(0, layout.wordCount() * 64, 1);
    }
}
