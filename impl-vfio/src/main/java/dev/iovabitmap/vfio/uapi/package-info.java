/**
 * The kernel's user-space interface as facts: ioctl numbers, flags, errno values and structs, for 64-bit little-endian
 * Linux. Written by hand from {@code vfio.h} and {@code iommufd.h}; a test holds every size and offset against a C compiler.
 */
@NullMarked
package dev.iovabitmap.vfio.uapi;

import org.jspecify.annotations.NullMarked;
