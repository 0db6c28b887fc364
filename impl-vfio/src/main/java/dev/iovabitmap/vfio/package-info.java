/** The IOVA bitmap fed by the dirty tracking of Linux: provider {@code vfio}. */
@NullMarked
package dev.iovabitmap.vfio;

import org.jspecify.annotations.NullMarked;
