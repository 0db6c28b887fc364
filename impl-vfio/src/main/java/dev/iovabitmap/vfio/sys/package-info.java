/** The seam between this backend and a kernel: three system calls, and who owns what they hand out. */
@NullMarked
package dev.iovabitmap.vfio.sys;

import org.jspecify.annotations.NullMarked;
