package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.rules.Tier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which devices the options speak of. Tier kernel is certified in the kernel that runs: a guest is one, and whoever starts
 * guests calls the same command inside of them.
 *
 * @param tier the tier that was asked for, or null
 * @param transport the transport that was asked for, or null
 * @param device the device that was asked for, or null
 */
record Devices(
        @Nullable Tier tier,
        @Nullable String transport,
        @Nullable String device) {
    void check() {
        if (tier == Tier.MEMORY && (transport != null || device != null)) {
            throw new UsageException("--tier memory has no device, so neither --transport nor --device");
        }
        if (device != null && (tier == null || !tier.needsSimulated())) {
            throw new UsageException("--device needs --tier kernel or hardware");
        }
    }

    /** A token knows its tier and transport. */
    void check(Order replay) {
        if (tier != null && tier != replay.tier()) {
            throw new UsageException("--tier " + tier + " contradicts the token, which names tier " + replay.tier());
        }
        if (transport != null && !transport.equals(replay.transport())) {
            throw new UsageException("--transport " + transport + " contradicts the token, which names "
                    + (replay.transport() == null ? "none" : replay.transport()));
        }
    }

    /** {@return what names the device, but for the transport} */
    Map<String, String> named() {
        return device == null ? Map.of() : Map.of("device", device);
    }

    /** {@return what to run on a backend: once without a device, or once for each transport} */
    List<Order> ordersFor(Runner.@Nullable Listed backend, long seed) {
        Tier chosen = tierFor(backend);
        if (chosen == Tier.MEMORY) {
            return List.of(Order.certify(Tier.MEMORY, seed));
        }
        List<String> transports =
                transport != null ? List.of(transport) : backend == null ? List.of() : backend.transports();
        List<Order> orders = new ArrayList<>();
        for (String each : transports) {
            Map<String, String> options = new LinkedHashMap<>(named());
            options.put("transport", each);
            orders.add(Order.certify(chosen, options, seed));
        }
        return orders.isEmpty() ? List.of(Order.certify(chosen, named(), seed)) : orders;
    }

    private Tier tierFor(Runner.@Nullable Listed backend) {
        if (tier != null) {
            return tier;
        }
        boolean canBeSimulated = backend != null && backend.simulated();
        return transport != null || canBeSimulated ? Tier.SIMULATED : Tier.MEMORY;
    }
}
