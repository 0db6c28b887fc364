package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.DirtyPages.RangeVisitor;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The operations of {@link DirtyPages} and the arithmetic of {@link IovaBitmapLayout} and {@link IovaRange} as the tests of scope library call
 * them. A double that is wrong in one of them shows that the tests notice.
 */
public interface Library {
    /** What users get. */
    Library REAL = new Library() {};

    /** {@return what the tests call} */
    static Library current() {
        return Current.library;
    }

    /** Makes the tests call something else, until {@link #REAL} is put back. */
    static void use(Library library) {
        Current.library = library;
    }

    default <X extends Exception> void forEachRange(
            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
        DirtyPages.forEachRange(layout, data, visitor);
    }

    default <X extends Exception> void drain(
            IovaBitmapLayout layout, MemorySegment data, RangeVisitor<? extends X> visitor) throws X {
        DirtyPages.drain(layout, data, visitor);
    }

    default long count(IovaBitmapLayout layout, MemorySegment data) {
        return DirtyPages.count(layout, data);
    }

    default boolean isDirty(IovaBitmapLayout layout, MemorySegment data, long iova) {
        return DirtyPages.isDirty(layout, data, iova);
    }

    default void merge(IovaBitmapLayout from, MemorySegment fromData, IovaBitmapLayout into, MemorySegment intoData) {
        DirtyPages.merge(from, fromData, into, intoData);
    }

    default void clear(IovaBitmapLayout layout, MemorySegment data) {
        DirtyPages.clear(layout, data);
    }

    default <X extends Exception> void forEachRange(
            IovaBitmapLayout layout, MemorySegment data, long iova, long length, RangeVisitor<? extends X> visitor)
            throws X {
        DirtyPages.forEachRange(layout, data, iova, length, visitor);
    }

    default <X extends Exception> void drain(
            IovaBitmapLayout layout, MemorySegment data, long iova, long length, RangeVisitor<? extends X> visitor)
            throws X {
        DirtyPages.drain(layout, data, iova, length, visitor);
    }

    default long count(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
        return DirtyPages.count(layout, data, iova, length);
    }

    default void clear(IovaBitmapLayout layout, MemorySegment data, long iova, long length) {
        DirtyPages.clear(layout, data, iova, length);
    }

    default long nextDirty(IovaBitmapLayout layout, MemorySegment data, long iova) {
        return DirtyPages.nextDirty(layout, data, iova);
    }

    default long nextClean(IovaBitmapLayout layout, MemorySegment data, long iova) {
        return DirtyPages.nextClean(layout, data, iova);
    }

    default void take(IovaBitmapLayout layout, MemorySegment from, MemorySegment into) {
        DirtyPages.take(layout, from, into);
    }

    default long bitCount(IovaBitmapLayout layout) {
        return layout.bitCount();
    }

    default long byteSize(IovaBitmapLayout layout) {
        return layout.byteSize();
    }

    default long bitOf(IovaBitmapLayout layout, long iova) {
        return layout.bitOf(iova);
    }

    default long iovaOf(IovaBitmapLayout layout, long bit) {
        return layout.iovaOf(bit);
    }

    default long windowCount(IovaBitmapLayout layout, long pageOffset, long basePageSize) {
        return layout.windowCount(pageOffset, basePageSize);
    }

    default long windowIova(IovaBitmapLayout layout, long index, long pageOffset, long basePageSize) {
        return layout.windowIova(index, pageOffset, basePageSize);
    }

    default long windowLength(IovaBitmapLayout layout, long index, long pageOffset, long basePageSize) {
        return layout.windowLength(index, pageOffset, basePageSize);
    }

    default List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
        return IovaRange.cover(ranges, pageSize, limit);
    }

    /** An interface has no fields that change. */
    final class Current {
        private static volatile Library library = REAL;

        private Current() {}
    }
}
