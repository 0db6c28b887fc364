package dev.iovabitmap.vfio.example;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.spi.Availability;
import dev.iovabitmap.spi.Feature;
import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.IovaBitmapProvider;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioProvider;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** A vendor's provider: the bitmaps and the tracking of Linux, and a card that can be told to write. */
public final class CardProvider implements IovaBitmapProvider {
    private final IovaBitmapProvider vfio = new VfioProvider();
    private final Supplier<Vfio> kernel;
    private final Function<String, Optional<CardDriver>> cards;

    /** Creates the provider of the cards of this machine, of which there are none here. */
    public CardProvider() {
        this(Vfio::linux, name -> Optional.empty());
    }

    /** Creates one: {@code cards} opens a card by its name, and answers with nothing if there is none. */
    CardProvider(Supplier<Vfio> kernel, Function<String, Optional<CardDriver>> cards) {
        this.kernel = kernel;
        this.cards = cards;
    }

    @Override
    public String name() {
        return "card";
    }

    @Override
    public Set<Feature> features() {
        return vfio.features();
    }

    @Override
    public Availability availability() {
        return vfio.availability();
    }

    @Override
    public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
        return vfio.allocate(iova, length, pageSize, data);
    }

    @Override
    public List<String> transports() {
        return List.of("log", "type1");
    }

    @Override
    public Optional<HardwareHarness> hardware(Map<String, String> options) {
        String transport = options.getOrDefault("transport", "log");
        return switch (options.getOrDefault("tier", "")) {
            case "hardware" ->
                cards.apply(options.getOrDefault("device", ""))
                        .map(card -> new CardHarness(kernel.get(), card, transport));
            case "simulated" -> {
                SimulatedKernel simulated =
                        SimulatedKernel.builder(KernelVersion.V6_12).build();
                yield Optional.of(new CardHarness(Vfio.of(simulated), new SimulatedCard(simulated), transport));
            }
            default -> Optional.empty();
        };
    }

    @Override
    public List<Finding> examine(Map<String, String> options) {
        return vfio.examine(options);
    }
}
