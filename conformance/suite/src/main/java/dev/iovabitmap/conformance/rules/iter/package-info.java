/** ITER: the callback of forEach. */
@NullMarked
package dev.iovabitmap.conformance.rules.iter;

import org.jspecify.annotations.NullMarked;
