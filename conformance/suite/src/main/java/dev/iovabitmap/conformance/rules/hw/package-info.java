/** HW: sessions in which a device records what it writes, driven through the provider's harness. */
@NullMarked
package dev.iovabitmap.conformance.rules.hw;

import org.jspecify.annotations.NullMarked;
