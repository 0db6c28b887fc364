/** The IOVA bitmap over native and mapped memory: providers {@code ffm} and {@code ffm-concurrent}. */
@NullMarked
package dev.iovabitmap.ffm;

import org.jspecify.annotations.NullMarked;
