/** Implementations that are wrong in one place each, and the matrix of which rule's tests notice which. */
@NullMarked
package dev.iovabitmap.conformance.faults;

import org.jspecify.annotations.NullMarked;
