/** Programs that run in a guest and hold our arithmetic against the kernel's own. */
@NullMarked
package dev.iovabitmap.kernel;

import org.jspecify.annotations.NullMarked;
