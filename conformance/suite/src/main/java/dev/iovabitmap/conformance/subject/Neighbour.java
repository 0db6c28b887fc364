package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;

/** Another device beside the one under test. What it writes has to be reported as well. */
public final class Neighbour implements AutoCloseable {
    private final Device device;
    private final String name;
    private final HardwareHarness.Neighbour neighbour;

    Neighbour(Device device, String name, HardwareHarness.Neighbour neighbour) {
        this.device = device;
        this.name = name;
        this.neighbour = neighbour;
    }

    /** {@return whether something tracks it, so that reports stay as exact as they were} */
    public boolean isTracked() {
        return device.unfailing("isTracked", neighbour::isTracked);
    }

    /** Makes it write one byte at each end of a range, and one at any place in it. */
    public void writeSome(IovaRange range) {
        write(range.iova(), 1);
        write(range.iova() + range.length() - 1, 1);
        write(range.iova() + U64.below(device.random(), range.length() - 1), 1);
    }

    /** Makes it write. */
    public void write(long iova, long length) {
        device.log(name + " writes(" + U64.show(iova) + ", " + U64.show(length) + ")");
        device.unfailing("write", () -> {
            neighbour.write(iova, length);
            return true;
        });
        device.wrote(iova, length);
    }

    /** Takes it away. */
    @Override
    public void close() {
        device.log("unplug " + name);
        device.unfailing("close", () -> {
            neighbour.close();
            return true;
        });
    }
}
