/** What a host offers for tracking devices: read from its files, and asked of its kernel where that is permitted. */
@NullMarked
package dev.iovabitmap.vfio.host;

import org.jspecify.annotations.NullMarked;
