package dev.iovabitmap.conformance.faults.device;

import static dev.iovabitmap.conformance.faults.device.DeviceFaults.bitmap;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.device;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.session;
import static dev.iovabitmap.conformance.faults.device.DeviceFaults.withSessions;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.faults.Fault;
import dev.iovabitmap.conformance.subject.Addresses;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.conformance.subject.U64;
import dev.iovabitmap.spi.HardwareHarness;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What Linux and its drivers do to a session that asks them as the API's windows suggest. */
final class DeviceHistory {
    /** Each asks over the mappings in one walk, which ends at the first hole. */
    static final Function<String, HardwareHarness> ENDING_AT_HOLES = withSessions((d, r) -> new RightSession(d, r) {
        @Override
        List<Stretch> units(Stretch window) {
            List<Stretch> walked = new ArrayList<>();
            BigInteger next = window.first();
            for (Stretch unit : super.units(window)) {
                if (unit.first().compareTo(next) > 0) {
                    break;
                }
                walked.add(unit);
                next = unit.last().add(BigInteger.ONE);
            }
            return walked;
        }
    });

    private DeviceHistory() {}

    static List<Fault> all() {
        return List.of(
                device(
                                "HW-4",
                                "a report that cannot pin its memory answers success and has cleared the log",
                                Unpinned::new)
                        .reEnacting(
                                "R1-session",
                                "R1: since v6.11 (781bc08797a2, 7a7bba16244a) a pin that fails is silent; iommufd and"
                                        + " vfio answer 0"),
                device("HW-11", "a report ends at the first hole, as if all behind it were clean", ENDING_AT_HOLES)
                        .reEnacting(
                                "R2-session",
                                "R2: since v6.7 iommu_read_and_clear_dirty drops what the walk returns, and a hole in"
                                        + " the IOAS answers 0"),
                session("HW-2", "the device is asked by windows", (d, r) -> new RightSession(d, r) {
                            @Override
                            List<Stretch> units(Stretch window) {
                                return List.of(window);
                            }
                        })
                        .reEnacting(
                                "HW-2-windows",
                                "the walkers of AMD v1, VT-d and SMMUv3 clear a huge entry whole; pds acknowledges"
                                        + " by 64 pages"),
                bitmap(
                                "HW-3",
                                "the caller's memory is handed to the kernel, which sets strays behind the end",
                                (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                                    @Override
                                    void harvest(Stretch window) {
                                        super.harvest(window);
                                        if (bits() % 64 != 0) {
                                            mark(bits(), bits() | 63);
                                        }
                                    }
                                })
                        .reEnacting(
                                "HW-3-caller-memory",
                                "R3: an overrun sets strays up to the end of the last page (iova_bitmap_set, v6.11"
                                        + " and later)"),
                bitmap(
                                "HW-8",
                                "the caller's memory is handed to the kernel, which overwrites the words",
                                (s, i, l, p, d, k) -> new HarvestingBitmap(s, i, l, p, d, k) {
                                    @Override
                                    void harvest(Stretch window) {
                                        long last = bitOf(U64.fromBigInteger(window.last()));
                                        for (long bit = bitOf(window.iova()); bit <= last; bit++) {
                                            byte old = data.get(ValueLayout.JAVA_BYTE, bit / 8);
                                            data.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old & ~(1 << bit % 8)));
                                        }
                                        super.harvest(window);
                                    }
                                })
                        .reEnacting(
                                "HW-3-caller-overwritten",
                                "VFIO_IOMMU_DIRTY_PAGES: type1's GET_BITMAP copies whole u64 words out, zeros too"),
                device("HW-4", "a report that failed is asked for again, from a log that is gone", Retried::new)
                        .reEnacting(
                                "HW-4-retry",
                                "type1's bitmap stays shifted after EFAULT in GET_BITMAP; vfio.h: after an error all"
                                        + " memory counts as dirty"));
    }

    /** A report that fails says so to nobody, and has read and cleared the log by then. */
    private static final class Unpinned extends RightDevice {
        Unpinned(String variant) {
            super(variant);
        }

        @Override
        List<Stretch> report(Stretch unit, boolean clear) {
            boolean unpinned = failNext;
            failNext = false;
            List<Stretch> found = super.report(unit, clear);
            return unpinned ? List.of() : found;
        }
    }

    /** A report that fails has cleared the log by then, and its session asks again. */
    private static final class Retried extends RightDevice {
        Retried(String variant) {
            super(variant);
        }

        @Override
        List<Stretch> report(Stretch unit, boolean clear) {
            boolean fails = failNext;
            failNext = false;
            List<Stretch> found = super.report(unit, clear);
            if (fails) {
                throw new Failed();
            }
            return found;
        }

        @Override
        RightSession session(List<IovaRange> ranges) {
            return new RightSession(this, ranges) {
                @Override
                HarvestingBitmap bitmap(long iova, long length, long pageSize, MemorySegment data, boolean peeking) {
                    super.bitmap(iova, length, pageSize, data, peeking);
                    return new HarvestingBitmap(this, iova, length, pageSize, data, peeking) {
                        @Override
                        void failed(Failed error) {
                            session.harvest(Addresses.stretch(iova, length), this);
                        }
                    };
                }
            };
        }
    }
}
