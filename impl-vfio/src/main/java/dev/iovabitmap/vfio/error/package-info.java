/** What a system call that failed is told as. */
@NullMarked
package dev.iovabitmap.vfio.error;

import org.jspecify.annotations.NullMarked;
