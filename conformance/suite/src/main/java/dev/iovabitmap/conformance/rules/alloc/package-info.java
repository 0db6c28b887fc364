/** ALLOC: which arguments make a bitmap, and that allocation changes nothing. */
@NullMarked
package dev.iovabitmap.conformance.rules.alloc;

import org.jspecify.annotations.NullMarked;
