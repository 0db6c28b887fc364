/** What a third party does with a report: verify it, and sign it. */
@NullMarked
package dev.iovabitmap.conformance.certificate;

import org.jspecify.annotations.NullMarked;
