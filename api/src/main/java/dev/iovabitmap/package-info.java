/**
 * The IOVA bitmap and everything a user of one needs.
 *
 * <p>All addresses and lengths are unsigned 64-bit numbers in a {@code long}, in bytes, unless a method says otherwise.
 */
@NullMarked
package dev.iovabitmap;

import org.jspecify.annotations.NullMarked;
