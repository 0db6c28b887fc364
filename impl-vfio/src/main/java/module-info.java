/** The IOVA bitmap fed by the dirty tracking of Linux. */
module dev.iovabitmap.vfio {
    requires static org.jspecify;
    requires transitive dev.iovabitmap;
    requires dev.iovabitmap.ffm;

    exports dev.iovabitmap.vfio;
    exports dev.iovabitmap.vfio.error;
    exports dev.iovabitmap.vfio.sim;

    provides dev.iovabitmap.spi.IovaBitmapProvider with
            dev.iovabitmap.vfio.VfioProvider;
}
