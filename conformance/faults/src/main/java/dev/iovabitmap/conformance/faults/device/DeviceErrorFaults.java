package dev.iovabitmap.conformance.faults.device;

import static dev.iovabitmap.conformance.faults.device.DeviceFaults.bitmap;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.device;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.session;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaBitmapCallback;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Wrong about errors, about how sessions begin and end, and about mappings. */
final class DeviceErrorFaults {
    private DeviceErrorFaults() {}

    static List<Fault> failing() {
        return List.of(
                bitmap(
                        "HW-4",
                        "the error is swallowed, with all marked",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            void failed(RightDevice.Failed error) {
                                session.failed();
                                markAll();
                            }
                        }),
                bitmap(
                        "HW-4",
                        "the error surfaces and nothing is marked",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            void failed(RightDevice.Failed error) {
                                session.failed();
                                throw error;
                            }
                        }),
                bitmap(
                        "HW-4",
                        "only the window is marked",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            void harvest(Stretch window) {
                                try {
                                    session.harvest(window, this);
                                } catch (RightDevice.Failed error) {
                                    session.failed();
                                    session.mark(List.of(window), window, this);
                                    throw error;
                                }
                            }
                        }),
                session("HW-4", "the session is taken for good again", (d, r) -> new RightSession(d, r) {
                    @Override
                    void failed() {
                        super.failed();
                        broken = false;
                    }
                }),
                bitmap(
                        "HW-4",
                        "only the bitmap is broken",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            private boolean mine;

                            @Override
                            void failed(RightDevice.Failed error) {
                                mine = true;
                                session.failed();
                                session.broken = false;
                                markAll();
                                throw error;
                            }

                            @Override
                            void harvest(Stretch window) {
                                if (mine) {
                                    markAll();
                                    throw new RightDevice.Failed();
                                }
                                super.harvest(window);
                            }
                        }),
                bitmap(
                        "HW-4",
                        "a broken session throws and marks nothing",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            void markAll() {
                                if (!session.broken
                                        || session.device
                                                .unknown
                                                .within(Addresses.EVERYTHING)
                                                .isEmpty()) {
                                    super.markAll();
                                }
                            }

                            @Override
                            void failed(RightDevice.Failed error) {
                                super.markAll();
                                super.failed(error);
                            }
                        }),
                session("HW-4", "the next session believes that all is clean", (d, r) -> new RightSession(d, r) {
                    @Override
                    void failed() {
                        broken = true;
                    }
                }),
                session("HW-4", "the next session marks everything for ever", (d, r) -> new RightSession(d, r) {
                    private final List<Stretch> inherited = held.within(Addresses.EVERYTHING);

                    @Override
                    void told(Stretch window) {
                        super.told(window);
                        inherited.forEach(held::add);
                    }
                }),
                session("HW-4", "the error is a checked exception", (d, r) -> new RightSession(d, r) {
                    @Override
                    HarvestingBitmap bitmap(
                            long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                        super.bitmap(iova, length, pageSize, data, peeking);
                        return new HarvestingBitmap(this, iova, length, pageSize, data, peeking) {
                            @Override
                            public <A extends @Nullable Object, X extends Exception> void forEach(
                                    A opaque, IovaBitmapCallback<? super A, ? extends X> callback) throws X {
                                try {
                                    super.<A, X>forEach(opaque, callback);
                                } catch (RightDevice.Failed error) {
                                    DeviceErrorFaults.<RuntimeException>sneak(new java.io.IOException(error));
                                }
                            }
                        };
                    }
                }));
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> void sneak(Throwable any) throws X {
        throw (X) any;
    }

    static List<Fault> beginningAndEnding() {
        return List.of(
                session("HW-5", "each bitmap enables tracking anew", (d, r) -> new RightSession(d, r) {
                    @Override
                    HarvestingBitmap bitmap(
                            long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                        device.dirty.clear();
                        return super.bitmap(iova, length, pageSize, data, peeking);
                    }
                }),
                device("HW-5", "a session starts with an old log", variant -> new RightDevice(variant) {
                    @Override
                    void enable() {
                        List<Stretch> old = dirty.within(Addresses.EVERYTHING);
                        super.enable();
                        old.forEach(dirty::add);
                    }
                }),
                device(
                        "HW-5",
                        "a second session wipes the log before it is refused",
                        variant -> new RightDevice(variant) {
                            @Override
                            public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
                                dirty.clear();
                                return super.track(ranges, pageSize);
                            }
                        }),
                device("HW-10", "scratch is never released", variant -> new RightDevice(variant) {
                    @Override
                    void disable() {
                        scratch++;
                        super.disable();
                    }
                }),
                session("HW-10", "a session that failed keeps its scratch", (d, r) -> new RightSession(d, r) {
                    @Override
                    void failed() {
                        device.scratch++;
                        super.failed();
                    }
                }),
                session("HW-10", "a refused bitmap keeps its scratch", (d, r) -> new RightSession(d, r) {
                    @Override
                    void requireTracked(Stretch where) {
                        device.scratch++;
                        super.requireTracked(where);
                        device.scratch--;
                    }
                }),
                session("HW-13", "a closed session still answers", (d, r) -> new RightSession(d, r) {
                    @Override
                    public void close() {
                        super.close();
                        closed = false;
                    }
                }),
                bitmap(
                        "HW-13",
                        "what a closed session did not report is clean",
                        (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                            @Override
                            void markAll() {
                                if (!session.closed) {
                                    super.markAll();
                                }
                            }
                        }),
                session("HW-13", "ranges that are not tracked are taken", (d, r) -> new RightSession(d, r) {
                    @Override
                    void requireTracked(Stretch where) {}
                }));
    }

    static List<Fault> mapping() {
        return List.of(
                session("HW-6", "the last page, which cannot be asked for, is clean", (d, r) -> new RightSession(d, r) {
                    @Override
                    void fetch(Stretch window) {
                        super.fetch(window);
                        held.remove(Addresses.stretch(-4096, 4096));
                    }

                    @Override
                    void markTop(Stretch window, HarvestingBitmap into) {}
                }),
                session("HW-6", "a window that ends at the top has no units", (d, r) -> new RightSession(d, r) {
                    @Override
                    List<Stretch> units(Stretch window) {
                        return window.last().equals(TOP) ? List.of() : super.units(window);
                    }
                }),
                session("HW-6", "rounding up to 8 pages wraps", (d, r) -> new RightSession(d, r) {
                    @Override
                    void harvest(Stretch window, HarvestingBitmap into) {
                        BigInteger end = window.first().add(BigInteger.valueOf(8 * 4096));
                        if (end.compareTo(TOP) <= 0) {
                            super.harvest(window, into);
                        } else {
                            markTop(window, into);
                        }
                    }
                }),
                session("HW-11", "a mapping that goes hides those behind it", (d, r) -> new RightSession(d, r) {
                    @Override
                    List<Stretch> units(Stretch window) {
                        return super.units(window).stream()
                                .filter(unit -> untracked.within(Addresses.EVERYTHING).stream()
                                        .noneMatch(hole -> hole.first().compareTo(unit.first()) < 0))
                                .toList();
                    }
                }),
                session("HW-12", "a peek clears", (d, r) -> new RightSession(d, r) {
                    @Override
                    HarvestingBitmap bitmap(
                            long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                        return super.bitmap(iova, length, pageSize, data, false);
                    }
                }),
                session("HW-12", "a peek does not see what is held", (d, r) -> new RightSession(d, r) {
                    @Override
                    void harvest(Stretch window, HarvestingBitmap into) {
                        List<Stretch> hidden = into.peeking ? held.within(Addresses.EVERYTHING) : List.of();
                        hidden.forEach(held::remove);
                        super.harvest(window, into);
                        hidden.forEach(held::add);
                    }
                }),
                session("HW-12", "a peek drops what is held", (d, r) -> new RightSession(d, r) {
                    @Override
                    void harvest(Stretch window, HarvestingBitmap into) {
                        super.harvest(window, into);
                        if (into.peeking) {
                            held.remove(window);
                        }
                    }
                }),
                session("HW-13", "a mapping goes with its dirt", (d, r) -> new RightSession(d, r) {
                    @Override
                    void beforeUnmap(Stretch gone) {}
                }),
                session("HW-13", "what is no longer mapped is clean", (d, r) -> new RightSession(d, r) {
                    @Override
                    void beforeUnmap(Stretch gone) {
                        fetch(gone);
                    }
                }));
    }
}
