package dev.iovabitmap.conformance.inspect;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What is printed, in the order in which one pass over the file yields it, so that nothing has to be kept: there may be
 * billions of ranges.
 */
interface Report extends Tally.Listing {
    /** Before the words are read. */
    void begin(BitmapFile file) throws IOException;

    /** After they were; what the file holds is known now. */
    void end(BitmapFile file, Tally tally, Density density, @Nullable SvgTarget svg) throws IOException;
}
