package dev.iovabitmap.conformance.inspect;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to see of which file.
 *
 * @param file the raw bitmap
 * @param iova the first address, unsigned
 * @param length the length of the range in bytes, unsigned; null for what the whole file covers
 * @param pageSize the page size of a bit in bytes, unsigned
 * @param limit how many ranges to list, at most
 * @param width how many columns the terminal has
 * @param ascii whether the picture is made of plain ASCII
 * @param json whether the output is for a program
 * @param svg where to write a heat map; null for none
 */
public record InspectRequest(
        Path file,
        long iova,
        @Nullable Long length,
        long pageSize,
        long limit,
        int width,
        boolean ascii,
        boolean json,
        @Nullable Path svg) {}
