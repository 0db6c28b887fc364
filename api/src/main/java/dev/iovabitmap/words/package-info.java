/**
 * The loops over words that the bitmap backends and the reading side share: one algorithm, an inner loop for
 * {@code long[]} and one for memory off the heap; and the arithmetic on unsigned words. Not exported to users.
 */
@NullMarked
package dev.iovabitmap.words;

import org.jspecify.annotations.NullMarked;
