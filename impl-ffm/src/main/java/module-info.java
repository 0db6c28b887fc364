/** The IOVA bitmap over native and mapped memory. */
module dev.iovabitmap.ffm {
    requires static org.jspecify;
    requires transitive dev.iovabitmap;

    exports dev.iovabitmap.ffm;

    provides dev.iovabitmap.spi.IovaBitmapProvider with
            dev.iovabitmap.ffm.FfmProvider,
            dev.iovabitmap.ffm.ConcurrentFfmProvider;
}
