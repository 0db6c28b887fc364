package dev.iovabitmap.conformance.faults.device;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.spi.HardwareHarness;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Devices and sessions that are wrong in one place each. */
public final class DeviceFaults {
    private DeviceFaults() {}

    /** A device that is wrong, made by variant. */
    static Fault device(String rule, String wrong, Function<String, HardwareHarness> maker) {
        return Fault.provider(rule, wrong, DeviceProvider.FEATURES, () -> new DeviceProvider(maker));
    }

    /** A device whose sessions are wrong. */
    static Fault session(String rule, String wrong, BiFunction<RightDevice, List<IovaRange>, RightSession> maker) {
        return device(rule, wrong, withSessions(maker));
    }

    /** Makes devices of any variant, with sessions of some kind. */
    static Function<String, HardwareHarness> withSessions(
            BiFunction<RightDevice, List<IovaRange>, RightSession> maker) {
        return variant -> new RightDevice(variant) {
            @Override
            RightSession session(List<IovaRange> ranges) {
                return maker.apply(this, ranges);
            }
        };
    }

    /** Makes a bitmap of a session. */
    interface BitmapMaker {
        HarvestingBitmap make(
                RightSession session, long iova, long length, long pageSize, MemorySegment data, boolean peek);
    }

    /** A device whose bitmaps are wrong. */
    static Fault bitmap(String rule, String name, BitmapMaker maker) {
        return session(rule, name, (device, ranges) -> new RightSession(device, ranges) {
            @Override
            HarvestingBitmap bitmap(long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                super.bitmap(iova, length, pageSize, data, peeking);
                return maker.make(this, iova, length, pageSize, data, peeking);
            }
        });
    }

    /** {@return the faults} */
    public static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        faults.addAll(losing());
        faults.addAll(asking());
        faults.addAll(writing());
        faults.addAll(DeviceErrorFaults.failing());
        faults.addAll(DeviceErrorFaults.beginningAndEnding());
        faults.addAll(DeviceErrorFaults.mapping());
        faults.addAll(SharedMemoryFaults.all());
        faults.addAll(DeviceHistory.all());
        return faults;
    }

    private static List<Fault> losing() {
        return List.of(
                session("HW-1", "what lies outside of the window is dropped", (d, r) -> new RightSession(d, r) {
                    @Override
                    void told(Stretch window) {
                        held.clear();
                    }
                }),
                session("HW-1", "a page that an edge cuts is told to the first", (d, r) -> new RightSession(d, r) {
                    @Override
                    void told(Stretch window) {
                        held.remove(RightDevice.aligned(window, 4096));
                    }
                }),
                bitmap("HW-1", "all is taken at once, and lost when a callback throws", Greedy::new),
                bitmap(
                        "HW-1",
                        "a bitmap that is closed takes its dirt along",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            public void close() {
                                super.close();
                                session.held.remove(Addresses.stretch(iova, length));
                            }
                        }),
                bitmap(
                        "HW-1",
                        "writes during an iteration are cleared at its end",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                super.<A, X>forEach(opaque, callback);
                                session.device.dirty.remove(Addresses.stretch(iova, length));
                            }
                        }),
                session("HW-1", "only pages of 4 KiB are tracked", (d, r) -> new RightSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, HarvestingBitmap into) {
                        if (into.layout().pageSize() >= 4096) {
                            super.mark(dirt, window, into);
                        }
                    }
                }),
                session("HW-1", "pages are marked by their first byte", (d, r) -> new RightSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, HarvestingBitmap into) {
                        super.mark(
                                dirt.stream()
                                        .map(each -> new Stretch(each.first(), each.first()))
                                        .toList(),
                                window,
                                into);
                    }
                }),
                session("HW-1", "reports that claim to be exact are not", (d, r) -> new RightSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, HarvestingBitmap into) {
                        super.mark(
                                dirt.stream()
                                        .map(each -> RightDevice.aligned(each, 1 << 20))
                                        .toList(),
                                window,
                                into);
                    }
                }),
                session(
                        "HW-1",
                        "the last range is not tracked",
                        (d, r) -> new RightSession(d, r.size() > 1 ? r.subList(0, r.size() - 1) : r)));
    }

    private static List<Fault> asking() {
        return List.of(
                session(
                        "HW-2",
                        "the device is asked by its pages, though its entries are larger",
                        (d, r) -> new RightSession(d, r) {
                            @Override
                            List<Stretch> units(Stretch window) {
                                return List.of(RightDevice.aligned(window, device.granule));
                            }
                        }),
                session("HW-2", "the device is asked by 64 pages from 0", (d, r) -> new RightSession(d, r) {
                    @Override
                    List<Stretch> units(Stretch window) {
                        return List.of(RightDevice.aligned(window, 64 * 4096));
                    }
                }));
    }

    private static List<Fault> writing() {
        return List.of(
                bitmap("HW-3", "strays are cleared", (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                    @Override
                    void harvest(Stretch window) {
                        super.harvest(window);
                        if (bits() % 8 != 0) {
                            byte last = data.get(ValueLayout.JAVA_BYTE, bits() / 8);
                            data.set(ValueLayout.JAVA_BYTE, bits() / 8, (byte) (last & (1 << bits() % 8) - 1));
                        }
                    }
                }),
                session("HW-3", "scratch is not zeroed between reports", (d, r) -> new RightSession(d, r) {
                    private final Addresses scratch = new Addresses();

                    @Override
                    void fetch(Stretch window) {
                        super.fetch(window);
                        held.within(Addresses.EVERYTHING).forEach(scratch::add);
                        scratch.within(Addresses.EVERYTHING).forEach(held::add);
                    }
                }));
    }

    /** Takes what its whole range has when it comes to the first window. */
    private static final class Greedy extends HarvestingBitmap {
        private List<Stretch> taken = List.of();

        Greedy(RightSession session, long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
            super(session, iova, length, pageSize, data, peeking);
        }

        @Override
        public <A extends @Nullable Object, X extends Exception> void forEach(
                A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
            if (!session.closed && !session.broken && !peeking) {
                Stretch all = Addresses.stretch(iova, length);
                try {
                    session.fetch(all);
                } catch (RightDevice.Failed error) {
                    failed(error);
                }
                taken = session.held.within(all);
                session.told(all);
            }
            super.<A, X>forEach(opaque, callback);
        }

        @Override
        void harvest(Stretch window) {
            session.mark(taken, window, this);
            super.harvest(window);
        }
    }
}
