/** The IOVA bitmap: the type, its callback, the arithmetic of its layout, and how to read one. */
@SuppressWarnings("module") // the modules that share the word loops are compiled after this one
module dev.iovabitmap {
    requires static transitive org.jspecify;

    exports dev.iovabitmap;
    exports dev.iovabitmap.spi;
    exports dev.iovabitmap.words to
            dev.iovabitmap.heap,
            dev.iovabitmap.ffm,
            dev.iovabitmap.vfio;

    uses dev.iovabitmap.spi.IovaBitmapProvider;
}
