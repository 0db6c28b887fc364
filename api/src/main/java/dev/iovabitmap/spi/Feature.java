package dev.iovabitmap.spi;

/** What a provider can do beyond what every provider must. */
public enum Feature {
    /** Data of any byte alignment works. Without it, data that is not 8-byte aligned is refused. */
    UNALIGNED_DATA,
    /** Data may live in an arena that is closed, or confined to a thread, while the bitmap exists. */
    CLOSEABLE_DATA,
    /** Many threads may set bits at once, and no bit is lost. */
    CONCURRENT_SET,
    /** {@link IovaBitmapProvider#hardware} drives a device. */
    HARDWARE,
    /** Dirt can be read without clearing it. */
    PEEK
}
