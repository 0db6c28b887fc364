/** The IOVA bitmap over {@code long[]}. */
module dev.iovabitmap.heap {
    requires static org.jspecify;
    requires transitive dev.iovabitmap;

    exports dev.iovabitmap.heap;

    provides dev.iovabitmap.spi.IovaBitmapProvider with
            dev.iovabitmap.heap.HeapProvider,
            dev.iovabitmap.heap.ConcurrentHeapProvider;
}
