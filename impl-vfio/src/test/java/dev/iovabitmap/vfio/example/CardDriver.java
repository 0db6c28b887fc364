package dev.iovabitmap.vfio.example;

import dev.iovabitmap.IovaRange;
import java.util.List;

/** What the vendor of a device has already: a driver in user space, on VFIO, that knows the registers of its card. */
interface CardDriver extends AutoCloseable {
    /** {@return the file descriptor of the container that holds the card's group} */
    int container();

    /** {@return the file descriptor of the card} */
    int card();

    /** {@return what the driver has mapped for the card, each exactly as it was mapped} */
    List<IovaRange> mappings();

    /** Makes the card write by DMA, and waits until it has. */
    void dma(long iova, long length);

    /** Makes the next report fail; a real card cannot. */
    default boolean failNextReport() {
        return false;
    }

    @Override
    void close();
}
