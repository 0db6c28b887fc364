/** LIFE: what works after close, and whose memory the data is. */
@NullMarked
package dev.iovabitmap.conformance.rules.life;

import org.jspecify.annotations.NullMarked;
