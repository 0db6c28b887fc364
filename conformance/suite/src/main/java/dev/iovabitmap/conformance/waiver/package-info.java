/** Rules that may fail for a while, and who answers for that. */
@NullMarked
package dev.iovabitmap.conformance.waiver;

import org.jspecify.annotations.NullMarked;
