/** READ: reading, merging and clearing bitmaps. */
@NullMarked
package dev.iovabitmap.conformance.rules.read;

import org.jspecify.annotations.NullMarked;
