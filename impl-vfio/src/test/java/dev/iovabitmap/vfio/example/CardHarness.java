package dev.iovabitmap.vfio.example;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.Type1Container;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import java.util.List;
import java.util.Set;

/** Drives a card: its vendor's driver makes it write, and what that driver holds is adopted to track it. */
final class CardHarness implements HardwareHarness {
    private final Vfio vfio;
    private final CardDriver driver;
    private final String transport;
    private final Type1Container container;
    private final VfioDevice card;

    CardHarness(Vfio vfio, CardDriver driver, String transport) {
        this.vfio = vfio;
        this.driver = driver;
        this.transport = transport;
        this.container = vfio.adoptContainer(driver.container(), driver.mappings());
        this.card = vfio.adoptDevice(driver.card(), container);
    }

    @Override
    public List<IovaRange> trackable() {
        return driver.mappings(); // a device can only write where its driver has mapped memory for it
    }

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        return transport.equals("log")
                ? vfio.track(List.of(card), ranges, pageSize)
                : vfio.trackMappings(Set.of(container), ranges, pageSize);
    }

    @Override
    public void write(long iova, long length) {
        driver.dma(iova, length);
    }

    @Override
    public boolean failNextReport() {
        return driver.failNextReport();
    }

    @Override
    public void close() {
        try (driver;
                container) {
            card.close(); // adopted: this closes nothing that the driver holds
        }
    }
}
