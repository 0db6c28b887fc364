/** The exception of a system call that failed. */
@NullMarked
package dev.iovabitmap.vfio.error;

import org.jspecify.annotations.NullMarked;
