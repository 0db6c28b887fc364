package dev.iovabitmap.spi;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A backend of IOVA bitmaps. Implementations have a public constructor without parameters and are found by
 * {@link java.util.ServiceLoader}.
 */
public interface IovaBitmapProvider {
    /** {@return the provider's unique name, matching {@code [a-z0-9][a-z0-9-]{0,63}}} */
    String name();

    /** {@return the provider's version; by default that of its module or its jar's manifest, else "unknown"} */
    default String version() {
        return Providers.versionOf(getClass());
    }

    /** {@return what this provider can do beyond what every provider must} */
    Set<Feature> features();

    /** {@return whether this provider works on this machine} */
    Availability availability();

    /**
     * Allocates a bitmap over the caller's words, as the kernel's {@code iova_bitmap_alloc} does. No bit of the data changes.
     *
     * @param iova the first address, unsigned; need not be a multiple of the page size
     * @param length the length in bytes, unsigned, at least 1
     * @param pageSize the page size of a bit in bytes, unsigned, a power of two from 1 to 2^63
     * @param data the words, writable, at least {@link IovaBitmapLayout#byteSize} bytes; they belong to the caller
     * @return the bitmap
     * @throws IllegalArgumentException naming the argument and its value, if the numbers describe no range, or the data is too
     *     small, read-only, or of a kind that this provider does not take
     * @throws IllegalStateException if the arena of the data is closed
     * @throws WrongThreadException if the calling thread may not touch the data
     * @throws NullPointerException if data is null
     */
    IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data);

    /**
     * Allocates zeroed data of a kind that this provider takes; by default, native memory.
     *
     * @param byteSize the size in bytes
     * @param pageOffset where in a page of 4 KiB the data shall start, 0 to 4095; a provider without
     *     {@link Feature#UNALIGNED_DATA} takes multiples of 8
     * @param arena the arena to allocate in; a provider whose data is on the heap ignores it
     * @return the data, whose {@code address() % 4096} is the offset
     * @throws IllegalArgumentException if the size is negative or too large, or the offset is none of those
     */
    default MemorySegment allocateData(long byteSize, long pageOffset, Arena arena) {
        return Providers.allocateNative(byteSize, pageOffset, arena);
    }

    /** {@return the ways in which {@link #hardware} reaches a device, such as {@code log}, by name; by default none} */
    default List<String> transports() {
        return List.of();
    }

    /**
     * Opens the device that {@link Feature#HARDWARE} speaks of. The suite gives {@code tier} ({@code simulated}, {@code kernel}
     * or {@code hardware}), {@code transport} (one of {@link #transports}), {@code device} as it was named on the command line,
     * and {@code variant} (one of {@link HardwareHarness#variants}); a provider may take more. What is not given is the
     * provider's choice.
     *
     * @param options by name
     * @return the harness, which the caller closes; empty if there is no device at that tier, which is the default
     * @throws IllegalArgumentException if an option names something that there is not
     * @throws IllegalStateException if the device is there and cannot be used, with one sentence why
     */
    default Optional<HardwareHarness> hardware(Map<String, String> options) {
        return Optional.empty();
    }

    /**
     * Looks at what this host offers for a run on a device, and at what is missing. Nothing that it meets, such as a file that
     * may not be read, is a reason to throw: it is a finding. By default there is none.
     *
     * @param options by name, as {@link #hardware} takes them; the command line gives {@code device} if one was named
     * @return the findings, in the order in which they are to be mended
     */
    default List<Finding> examine(Map<String, String> options) {
        return List.of();
    }

    /**
     * Returns all providers that the thread's context class loader finds, available or not.
     *
     * @return the providers, in no particular order
     * @throws java.util.ServiceConfigurationError if one cannot be loaded
     */
    static List<IovaBitmapProvider> all() {
        return Providers.all();
    }

    /**
     * Returns the provider of a name, available or not. Another provider that cannot be loaded, or throws when it
     * is asked for its name, is no hindrance.
     *
     * @param name the name
     * @return the provider
     * @throws IllegalArgumentException if there is none; the message lists those that there are, and which of them are
     *     unavailable and why
     * @throws IllegalStateException if two have the name
     */
    static IovaBitmapProvider named(String name) {
        return Providers.named(name);
    }
}
