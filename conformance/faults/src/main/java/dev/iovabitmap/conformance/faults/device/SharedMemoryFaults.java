package dev.iovabitmap.conformance.faults.device;

import static dev.iovabitmap.conformance.faults.device.DeviceFaults.device;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.session;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.ArrayList;
import java.util.List;

/** Wrong about who else can write to the memory of a session, unmap it, or track it. */
final class SharedMemoryFaults {
    private SharedMemoryFaults() {}

    static List<Fault> all() {
        List<Fault> faults = new ArrayList<>(neighbours());
        faults.addAll(mappings());
        faults.addAll(ranges());
        faults.addAll(objects());
        return faults;
    }

    private static List<Fault> neighbours() {
        return List.of(
                session(
                        "HW-13",
                        "a device that nothing tracks is overlooked beside one that is tracked",
                        (d, r) -> new RightSession(d, r) {
                            private final List<RightNeighbour> before = List.copyOf(device.present);

                            @Override
                            boolean isBlind() {
                                return device.present.stream()
                                        .anyMatch(each -> !each.isTracked() && !before.contains(each));
                            }

                            @Override
                            void leaves(RightNeighbour neighbour) {
                                if (!before.contains(neighbour)) {
                                    super.leaves(neighbour);
                                }
                            }
                        }),
                session(
                        "HW-13",
                        "a device that comes is not tracked before the next session",
                        (d, r) -> new RightSession(d, r) {
                            @Override
                            void joined(RightNeighbour neighbour) {}
                        }),
                session(
                        "HW-13",
                        "a device that comes and that nothing tracks is overlooked",
                        (d, r) -> new RightSession(d, r) {
                            private final List<RightNeighbour> before = List.copyOf(device.present);

                            @Override
                            boolean isBlind() {
                                return before.stream()
                                        .anyMatch(each -> !each.isTracked() && device.present.contains(each));
                            }
                        }),
                session(
                                "HW-5",
                                "a device that comes begins the first one's log anew",
                                (d, r) -> new RightSession(d, r) {
                                    @Override
                                    void joined(RightNeighbour neighbour) {
                                        device.dirty.clear();
                                        super.joined(neighbour);
                                    }
                                })
                        .alsoBreaking("HW-1"),
                session("HW-13", "a device that goes takes its log along", (d, r) -> new RightSession(d, r) {
                    @Override
                    void leaves(RightNeighbour neighbour) {}
                }),
                session(
                        "HW-1",
                        "a device that comes makes everything dirty though it is tracked",
                        (d, r) -> new RightSession(d, r) {
                            @Override
                            void joined(RightNeighbour neighbour) {
                                super.joined(neighbour);
                                ranges.forEach(range -> held.add(RightDevice.stretchOf(range)));
                            }
                        }));
    }

    private static List<Fault> mappings() {
        return List.of(
                session(
                        "HW-13",
                        "what is written between the last report of a mapping and its end is lost",
                        (d, r) -> new RightSession(d, r) {
                            @Override
                            void mappedAgain(Stretch back) {
                                untracked.remove(back);
                            }
                        }),
                device("HW-13", "what the owner unmaps is clean", variant -> new RightDevice(variant) {
                    @Override
                    void forgetMapping(IovaRange range) {}
                }));
    }

    private static List<Fault> ranges() {
        return List.of(session(
                        "HW-2",
                        "ranges that are logged as one are asked for one by one, and share groups of 64 pages",
                        (d, r) -> new RightSession(d, r) {
                            @Override
                            List<Stretch> units(Stretch window) {
                                return ranges.stream()
                                        .map(RightDevice::stretchOf)
                                        .filter(unit -> touches(unit, window))
                                        .toList();
                            }
                        })
                .alsoBreaking("HW-1"));
    }

    private static boolean touches(Stretch unit, Stretch window) {
        Addresses one = new Addresses();
        one.add(unit);
        return !one.within(window).isEmpty();
    }

    private static List<Fault> objects() {
        return List.of(
                device(
                                "HW-5",
                                "a session through another object begins the log anew",
                                variant -> new RightDevice(variant) {
                                    @Override
                                    public List<HardwareHarness> duplicates() {
                                        return List.of(new Unaware(this));
                                    }
                                })
                        .alsoBreaking("HW-13"),
                device(
                                "HW-4",
                                "what is owed is owed by the object whose session failed",
                                variant -> new RightDevice(variant) {
                                    @Override
                                    public List<HardwareHarness> duplicates() {
                                        return List.of(new Carefree(this));
                                    }
                                })
                        .alsoBreaking("HW-13"),
                session(
                                "HW-4",
                                "what is owed is forgotten when a session over other addresses settles",
                                (d, r) -> new RightSession(d, r) {
                                    @Override
                                    void told(Stretch window) {
                                        super.told(window);
                                        if (held.within(Addresses.EVERYTHING).isEmpty()) {
                                            device.unknown.clear();
                                        }
                                    }
                                })
                        .alsoBreaking("HW-13"));
    }

    /** Knows nothing of the session that another object has. */
    private static final class Unaware extends RightDevice.Duplicate {
        Unaware(RightDevice device) {
            super(device);
        }

        @Override
        public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
            RightSession first = device.open;
            device.open = null;
            DirtyTracker second = device.track(ranges, pageSize);
            device.open = first;
            return second;
        }
    }

    /** Knows nothing of what another object's failed session left. */
    private static final class Carefree extends RightDevice.Duplicate {
        Carefree(RightDevice device) {
            super(device);
        }

        @Override
        public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
            List<Stretch> others = device.unknown.within(Addresses.EVERYTHING);
            device.unknown.clear();
            try {
                return super.track(ranges, pageSize);
            } finally {
                others.forEach(device.unknown::add);
            }
        }
    }
}
