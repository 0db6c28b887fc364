/** The bitmap, its neighbours and the limits of the machine, measured side by side. */
@NullMarked
package dev.iovabitmap.bench;

import org.jspecify.annotations.NullMarked;
