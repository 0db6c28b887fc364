/** The public cases from the history of the kernel's implementation. */
@NullMarked
package dev.iovabitmap.conformance.rules.kernel;

import org.jspecify.annotations.NullMarked;
