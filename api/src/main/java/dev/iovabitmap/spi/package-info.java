/** What a provider of IOVA bitmaps implements, and how providers are found. */
@NullMarked
package dev.iovabitmap.spi;

import org.jspecify.annotations.NullMarked;
