package dev.iovabitmap.vfio;

import dev.iovabitmap.vfio.host.HostAccess;
import dev.iovabitmap.vfio.sim.SimulatedKernel;

/** Lets tests of other packages examine a simulated kernel as the provider examines its host. */
public final class Probes {
    private Probes() {}

    @SuppressWarnings("exports")
    public static HostAccess of(SimulatedKernel kernel) {
        return HostAccess.to(new DeviceProbe(Vfio.of(kernel)), kernel.syscalls());
    }
}
