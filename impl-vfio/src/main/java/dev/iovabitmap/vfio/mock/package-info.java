/** The mock device of tier kernel, and the mock domain of IOMMUFD: what makes pages dirty on a running kernel. */
@NullMarked
package dev.iovabitmap.vfio.mock;

import org.jspecify.annotations.NullMarked;
