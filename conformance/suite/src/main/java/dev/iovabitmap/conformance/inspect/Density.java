package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;

/**
 * How dirty each part of a bitmap is. The bitmap is cut into cells of equally many pages, a power of two; the last cell may
 * have fewer. Cells are laid out in rows.
 */
final class Density {
    private static final int WORD_SHIFT = 6;

    private final IovaBitmapLayout layout;
    private final int columns;
    private final int cellShift;
    private final long[] dirty;

    Density(IovaBitmapLayout layout, int columns, int maxRows) {
        this.layout = layout;
        this.columns = columns;
        int shift = 0;
        while ((layout.bitCount() - 1) >>> shift >= (long) columns * maxRows) {
            shift++;
        }
        this.cellShift = shift;
        this.dirty = new long[(int) ((layout.bitCount() - 1) >>> shift) + 1];
    }

    /**
     * Takes the first {@code count} words of an array.
     *
     * @param index how many words come before them
     * @param dirtyPages how many bits they have
     */
    void add(long index, long[] block, int count, long dirtyPages) {
        int shift = cellShift - WORD_SHIFT;
        if (shift >= 0 && index >>> shift == (index + count - 1) >>> shift) {
            dirty[(int) (index >>> shift)] += dirtyPages;
            return;
        }
        for (int i = 0; i < count; i++) {
            add(index + i, block[i]);
        }
    }

    /** Takes a word whose bits are the pages from 64 times {@code index} on. */
    void add(long index, long word) {
        if (cellShift >= WORD_SHIFT) {
            dirty[(int) (index >>> (cellShift - WORD_SHIFT))] += Long.bitCount(word);
            return;
        }
        long rest = word;
        for (int cell = (int) (index << (WORD_SHIFT - cellShift)); rest != 0; cell++) {
            dirty[cell] += Long.bitCount(rest & (1L << pagesPerCell()) - 1);
            rest >>>= pagesPerCell();
        }
    }

    int columns() {
        return columns;
    }

    int rows() {
        return (dirty.length - 1) / columns + 1;
    }

    int cells() {
        return dirty.length;
    }

    long pagesPerCell() {
        return 1L << cellShift;
    }

    /** How many words a cell has, a power of two; 1 if it has less than one. */
    long wordsPerCell() {
        return 1L << Math.max(0, cellShift - WORD_SHIFT);
    }

    /** How many pages a cell has. */
    long pages(int cell) {
        long first = (long) cell << cellShift;
        return Math.min(pagesPerCell(), layout.bitCount() - first);
    }

    /** How many of them are dirty. */
    long dirtyPages(int cell) {
        return dirty[cell];
    }

    /** The first address of a cell. */
    long iova(int cell) {
        return layout.iovaOf((long) cell << cellShift);
    }

    /** The last address of a cell. */
    long lastIova(int cell) {
        long first = (long) cell << cellShift;
        return iova(cell) + layout.lengthOf(first, first + pages(cell) - 1) - 1;
    }

    /** From 0, which only a clean cell has, to {@code full}, which only a cell has that is dirty throughout. */
    int level(int cell, int full) {
        if (dirty[cell] == 0) {
            return 0;
        }
        if (dirty[cell] == pages(cell)) {
            return full;
        }
        double part = (double) dirty[cell] / pages(cell);
        return Math.min(full - 1, 1 + (int) (part * (full - 1)));
    }
}
