/** Shows what a raw bitmap file holds: its ranges, its counts and a picture of its density, out of one pass over the file. */
@NullMarked
package dev.iovabitmap.conformance.inspect;

import org.jspecify.annotations.NullMarked;
