/** A tracking session: what it holds between the kernel and the caller's bitmaps, and what becomes of it when a call fails. */
@NullMarked
package dev.iovabitmap.vfio.session;

import org.jspecify.annotations.NullMarked;
