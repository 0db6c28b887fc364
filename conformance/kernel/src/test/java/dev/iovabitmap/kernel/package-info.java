/** Boots guests and runs the programs in them. */
@NullMarked
package dev.iovabitmap.kernel;

import org.jspecify.annotations.NullMarked;
