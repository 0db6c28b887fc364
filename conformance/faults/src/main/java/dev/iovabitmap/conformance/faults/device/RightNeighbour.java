package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.spi.HardwareHarness;

/** Another device beside a {@link RightDevice}, with a log of its own or with none. */
final class RightNeighbour implements HardwareHarness.Neighbour {
    final Addresses dirty = new Addresses();
    private final RightDevice device;
    private final boolean tracked;
    private boolean logging;

    RightNeighbour(RightDevice device, boolean tracked) {
        this.device = device;
        this.tracked = tracked;
    }

    @Override
    public boolean isTracked() {
        return tracked;
    }

    void startLogging() {
        dirty.clear();
        logging = tracked;
    }

    void stopLogging() {
        logging = false;
    }

    @Override
    public void write(long iova, long length) {
        if (logging) {
            dirty.add(RightDevice.aligned(Addresses.stretch(iova, length), device.granule));
        }
    }

    @Override
    public void close() {
        if (device.open != null) {
            device.open.leaves(this);
        }
        device.present.remove(this);
    }
}
