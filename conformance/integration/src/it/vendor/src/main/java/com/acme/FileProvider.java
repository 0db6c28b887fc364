package com.acme;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Bitmaps in mapped files, so that what was dirty survives the process. */
public class FileProvider implements IovaBitmapProvider {
    @Override
    public String name() {
        return "acme-file";
    }

    @Override
    public Set<Feature> features() {
        return Set.of(Feature.UNALIGNED_DATA, Feature.CLOSEABLE_DATA);
    }

    @Override
    public Availability availability() {
        return Availability.AVAILABLE;
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return new FileBitmap(new IovaBitmapLayout(iova, length, pageSize), data);
    }

    /** The suite asks for memory that this provider takes: a file, which is gone with its mapping. */
    @Override
    public MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
        if (byteSize < 0 || byteSize > Long.MAX_VALUE - 4096) {
            throw new IllegalArgumentException("byteSize " + byteSize + " is negative or too large");
        }
        if (pageOffset < 0 || pageOffset > 4095) {
            throw new IllegalArgumentException("pageOffset " + pageOffset + " is not from 0 to 4095");
        }
        try {
            Path file = Files.createTempFile("acme", ".bitmap");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(MapMode.READ_WRITE, 0, Math.max(1, pageOffset + byteSize), arena)
                        .asSlice(pageOffset, byteSize);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
