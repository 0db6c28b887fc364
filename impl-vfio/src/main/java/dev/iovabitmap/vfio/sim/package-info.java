/**
 * A kernel in the same process that answers the ioctls of dirty tracking as Linux does, with the same checks in the same
 * order, and a device whose writes are commanded. For whoever has no hardware; it proves nothing about hardware.
 */
@NullMarked
package dev.iovabitmap.vfio.sim;

import org.jspecify.annotations.NullMarked;
