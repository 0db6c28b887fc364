/** The IOVA bitmap over {@code long[]}: providers {@code heap} and {@code heap-concurrent}. */
@NullMarked
package dev.iovabitmap.heap;

import org.jspecify.annotations.NullMarked;
