package dev.iovabitmap.conformance.naive;

import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.HardwareHarness;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Devices and sessions that are wrong in one place each, and the rule that each breaks. */
final class ModelFaults {
    private ModelFaults() {}

    record Fault(String rule, String name, Function<String, HardwareHarness> maker) {
        ModelProvider provider() {
            return new ModelProvider(maker);
        }

        @Override
        public String toString() {
            return rule + " " + name;
        }
    }

    /** A device whose sessions are wrong. */
    static Fault session(String rule, String name, BiFunction<ModelDevice, List<IovaRange>, ModelSession> maker) {
        return new Fault(rule, name, variant -> new ModelDevice(variant) {
            @Override
            ModelSession session(List<IovaRange> ranges) {
                return maker.apply(this, ranges);
            }
        });
    }

    /** Makes a bitmap of a session. */
    interface BitmapMaker {
        ModelBitmap make(ModelSession session, long iova, long length, long pageSize, MemorySegment data, boolean peek);
    }

    /** A device whose bitmaps are wrong. */
    static Fault bitmap(String rule, String name, BitmapMaker maker) {
        return session(rule, name, (device, ranges) -> new ModelSession(device, ranges) {
            @Override
            ModelBitmap bitmap(long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                super.bitmap(iova, length, pageSize, data, peeking);
                return maker.make(this, iova, length, pageSize, data, peeking);
            }
        });
    }

    static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        faults.addAll(losing());
        faults.addAll(asking());
        faults.addAll(writing());
        faults.addAll(ModelErrorFaults.failing());
        faults.addAll(ModelErrorFaults.beginningAndEnding());
        faults.addAll(ModelErrorFaults.mapping());
        return faults;
    }

    private static List<Fault> losing() {
        return List.of(
                session("HW-1", "what lies outside of the window is dropped", (d, r) -> new ModelSession(d, r) {
                    @Override
                    void told(Stretch window) {
                        held.clear();
                    }
                }),
                session("HW-1", "a page that an edge cuts is told to the first", (d, r) -> new ModelSession(d, r) {
                    @Override
                    void told(Stretch window) {
                        held.remove(ModelDevice.aligned(window, 4096));
                    }
                }),
                bitmap("HW-1", "all is taken at once, and lost when a callback throws", Greedy::new),
                bitmap(
                        "HW-1",
                        "a bitmap that is closed takes its dirt along",
                        (s, i, l, p, d, k) -> new ModelBitmap(s, i, l, p, d, k) {
                            @Override
                            public void close() {
                                super.close();
                                session.held.remove(Addresses.stretch(iova, length));
                            }
                        }),
                bitmap(
                        "HW-1",
                        "writes during an iteration are cleared at its end",
                        (s, i, l, p, d, k) -> new ModelBitmap(s, i, l, p, d, k) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                super.<A, X>forEach(opaque, callback);
                                session.device.dirty.remove(Addresses.stretch(iova, length));
                            }
                        }),
                session("HW-1", "only pages of 4 KiB are tracked", (d, r) -> new ModelSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, ModelBitmap into) {
                        if (into.pageSize >= 4096) {
                            super.mark(dirt, window, into);
                        }
                    }
                }),
                session("HW-1", "pages are marked by their first byte", (d, r) -> new ModelSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, ModelBitmap into) {
                        super.mark(
                                dirt.stream()
                                        .map(each -> new Stretch(each.first(), each.first()))
                                        .toList(),
                                window,
                                into);
                    }
                }),
                session("HW-1", "reports that claim to be exact are not", (d, r) -> new ModelSession(d, r) {
                    @Override
                    void mark(List<Stretch> dirt, Stretch window, ModelBitmap into) {
                        super.mark(
                                dirt.stream()
                                        .map(each -> ModelDevice.aligned(each, 1 << 20))
                                        .toList(),
                                window,
                                into);
                    }
                }),
                session(
                        "HW-1",
                        "the last range is not tracked",
                        (d, r) -> new ModelSession(d, r.size() > 1 ? r.subList(0, r.size() - 1) : r)));
    }

    private static List<Fault> asking() {
        return List.of(
                session("HW-2", "the device is asked by windows", (d, r) -> new ModelSession(d, r) {
                    @Override
                    List<Stretch> units(Stretch window) {
                        return List.of(window);
                    }
                }),
                session(
                        "HW-2",
                        "the device is asked by its pages, though its entries are larger",
                        (d, r) -> new ModelSession(d, r) {
                            @Override
                            List<Stretch> units(Stretch window) {
                                return List.of(ModelDevice.aligned(window, device.granule));
                            }
                        }),
                session("HW-2", "the device is asked by 64 pages from 0", (d, r) -> new ModelSession(d, r) {
                    @Override
                    List<Stretch> units(Stretch window) {
                        return List.of(ModelDevice.aligned(window, 64 * 4096));
                    }
                }));
    }

    private static List<Fault> writing() {
        return List.of(
                bitmap(
                        "HW-3",
                        "strays are set up to the end of the word",
                        (s, i, l, p, d, k) -> new ModelBitmap(s, i, l, p, d, k) {
                            @Override
                            void harvest(Stretch window) {
                                super.harvest(window);
                                if (bits() % 64 != 0) {
                                    mark(bits(), bits() | 63);
                                }
                            }
                        }),
                bitmap("HW-3", "strays are cleared", (s, i, l, p, d, k) -> new ModelBitmap(s, i, l, p, d, k) {
                    @Override
                    void harvest(Stretch window) {
                        super.harvest(window);
                        if (bits() % 8 != 0) {
                            byte last = data.get(ValueLayout.JAVA_BYTE, bits() / 8);
                            data.set(ValueLayout.JAVA_BYTE, bits() / 8, (byte) (last & (1 << bits() % 8) - 1));
                        }
                    }
                }),
                session("HW-3", "scratch is not zeroed between reports", (d, r) -> new ModelSession(d, r) {
                    private final Addresses scratch = new Addresses();

                    @Override
                    void fetch(Stretch window) {
                        super.fetch(window);
                        held.within(Addresses.EVERYTHING).forEach(scratch::add);
                        scratch.within(Addresses.EVERYTHING).forEach(held::add);
                    }
                }),
                bitmap(
                        "HW-8",
                        "a report overwrites the words",
                        (s, i, l, p, d, k) -> new ModelBitmap(s, i, l, p, d, k) {
                            @Override
                            void harvest(Stretch window) {
                                for (long bit = bitOf(window.iova());
                                        bit <= bitOf(U64.fromBigInteger(window.last()));
                                        bit++) {
                                    byte old = data.get(ValueLayout.JAVA_BYTE, bit / 8);
                                    data.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old & ~(1 << bit % 8)));
                                }
                                super.harvest(window);
                            }
                        }));
    }

    /** Takes what its whole range has when it comes to the first window. */
    private static final class Greedy extends ModelBitmap {
        private List<Stretch> taken = List.of();

        Greedy(ModelSession session, long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
            super(session, iova, length, pageSize, data, peeking);
        }

        @Override
        public <A extends @Nullable Object, X extends Exception> void forEach(
                A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
            if (!session.closed && !session.broken && !peeking) {
                Stretch all = Addresses.stretch(iova, length);
                try {
                    session.fetch(all);
                } catch (ModelDevice.Failed error) {
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
