/** The three ways in which Linux tracks dirt, each on its ioctls, and how ranges are cut into what one report may ask for. */
@NullMarked
package dev.iovabitmap.vfio.transport;

import org.jspecify.annotations.NullMarked;
