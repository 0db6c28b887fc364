package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.IommufdSpace;
import dev.iovabitmap.vfio.Type1Container;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.VfioTracker;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.machine.Pages.Place;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Caller;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does what a script says with the library, over a simulated kernel, and checks each harvest: what was written and not yet
 * handed over is in it, and nothing else is but for a {@link Cause}.
 *
 * <p>Who holds what is adopted keeps the promises that the library trusts: mappings are forgotten before they are unmapped, and
 * devices adopted before they are attached.
 */
final class Machine {
    private static final int MAX_SPACES = 4;
    private static final int MAX_OWNERS = 2;
    private static final int MAX_SESSIONS = 3;

    /** From this argument on a write is to any place, mapped or not. */
    private static final int ANYWHERE = 24;

    /** From this argument on a step is about what came or went last: what is done twice to one thing finds most. */
    private static final int LATEST = 16;

    private static final int MAX_DEVICES = 8;
    private static final long[] TRACKED_PAGE_SIZES = {4096, 4096, 4096, 65536};
    private static final long[] BITMAP_PAGE_SIZES = {4096, 4096, 4096, 512, 8192, 65536, 2 << 20};
    private static final int[] ERRNOS = {Errno.EIO, Errno.ENOMEM, Errno.EINVAL, Errno.EBUSY};

    /** Beginnings of the names of calls that may be made to fail. */
    private static final List<List<String>> FAILING = List.of(
            List.of(
                    "VFIO_DEVICE_FEATURE DMA_LOGGING_REPORT",
                    "VFIO_IOMMU_DIRTY_PAGES GET_BITMAP",
                    "VFIO_IOMMU_UNMAP_DMA GET_DIRTY_BITMAP",
                    "IOMMU_HWPT_GET_DIRTY_BITMAP"),
            List.of(
                    "VFIO_DEVICE_FEATURE DMA_LOGGING_START",
                    "VFIO_IOMMU_DIRTY_PAGES START",
                    "IOMMU_HWPT_SET_DIRTY_TRACKING ENABLE"),
            List.of(
                    "VFIO_DEVICE_FEATURE DMA_LOGGING_STOP",
                    "VFIO_IOMMU_DIRTY_PAGES STOP",
                    "IOMMU_HWPT_SET_DIRTY_TRACKING DISABLE"),
            List.of("VFIO_IOMMU_MAP_DMA", "IOMMU_IOAS_MAP"),
            List.of("VFIO_IOMMU_UNMAP_DMA", "IOMMU_IOAS_UNMAP"),
            List.of("VFIO_DEVICE_ATTACH_IOMMUFD_PT", "IOMMU_HWPT_ALLOC"),
            List.of("IOMMU_GET_HW_INFO", "IOMMU_OPTION"),
            List.of("VFIO_", "IOMMU_"),
            List.of("open "),
            List.of("close "));

    /** What went wrong, for a person: the kind on the first line. */
    static final class Wrong extends AssertionError {
        private static final long serialVersionUID = 1L;

        final String kind;

        Wrong(String kind, String message, @Nullable Throwable cause) {
            super(kind + ": " + message, cause);
            this.kind = kind;
        }
    }

    private static final class Space {
        /** Null where a device is adopted for its log alone. */
        final @Nullable AddressSpace api;

        final Key key;
        final @Nullable Owner owner;

        Space(@Nullable AddressSpace api, Key key, @Nullable Owner owner) {
            this.api = api;
            this.key = key;
            this.owner = owner;
        }
    }

    private record Device(VfioDevice api, int number, Space space) {}

    private record Between(int device, int page, int count) {}

    private record Fails(List<String> names, int errno, boolean afterwards) {}

    final Script script;
    private final World world;
    private final SimulatedKernel kernel;
    private final Caller caller;
    private final List<Vfio> vfios;
    private final List<Space> spaces = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<Owner> owners = new ArrayList<>();
    private final List<Tracked> sessions = new ArrayList<>();

    /** By the number of a device: what failed sessions leave to the next one that hears of the device. */
    private final Map<Integer, BitSet> debts = new HashMap<>();

    /** By space, and by the number of a device: what such a session may mark. */
    private final Map<Object, BitSet> owedMarks = new HashMap<>();

    private final List<String> log = new ArrayList<>();

    private @Nullable Between between;
    private int betweenIn;
    private @Nullable Fails fails;
    private int failsIn;
    private final Set<String> failed = new LinkedHashSet<>();
    private boolean quiet;
    private boolean refused;

    /** What a session that starts in this step may report, since tracking starts call by call. */
    private final Map<Integer, BitSet> writtenInStep = new HashMap<>();

    private @Nullable Place lastUnmapped;
    private boolean everyStopWorked = true;

    final Map<Cause, Long> overMarked = new EnumMap<>(Cause.class);
    int done;

    Machine(Script script) {
        this.script = script;
        this.world = script.world();
        this.kernel = world.kernel();
        this.caller = new Caller(kernel);
        this.vfios = List.of(Vfio.of(kernel), Vfio.of(kernel));
    }

    /** {@return what is wrong, or null} */
    static @Nullable Wrong run(Script script) {
        return new Machine(script).run();
    }

    @Nullable
    Wrong run() {
        try (caller) {
            kernel.beforeEachCall(this::beforeCall);
            for (Step step : script.steps()) {
                failed.clear();
                log.add(step.toString());
                Held before = kernel.held();
                refused = false;
                writtenInStep.clear();
                step(step);
                checkRefusal(step.op(), before);
                noteFailures(step.op());
                done++;
            }
            between = null;
            fails = null;
            harvestEverything();
            closeEverything();
            return null;
        } catch (Wrong e) {
            return e;
        } catch (RuntimeException | Error e) {
            return wrong("unexpected " + e.getClass().getSimpleName(), String.valueOf(e.getMessage()), e);
        }
    }

    private Wrong wrong(String kind, String message, @Nullable Throwable cause) {
        return new Wrong(kind, message + "\n  replay: " + script + "\n  " + String.join("\n  ", log), cause);
    }

    private void tell(String what) {
        int last = log.size() - 1;
        log.set(last, log.get(last) + ": " + what);
    }

    // Calls, and what happens between them.

    private void beforeCall(String name) {
        if (quiet) {
            return;
        }
        if (between != null && betweenIn-- == 0) {
            Between now = between;
            between = null;
            for (int i = 0; i < now.count(); i++) {
                writes(now.device(), now.page() + i);
            }
            tell("before " + name + " device " + now.device() + " writes " + now.page() + "+" + now.count());
        }
        if (fails != null && fails.names().stream().anyMatch(name::startsWith) && failsIn-- == 0) {
            kernel.fail(new CallFailure(name::equals, 0, 1, fails.errno(), fails.afterwards()));
            fails = null;
            failed.add(name);
            tell(name + " fails");
        }
    }

    /** Does what the library may refuse; null if it did. */
    private <T> @Nullable T tried(Supplier<T> call) {
        try {
            return call.get();
        } catch (IoctlException | IllegalStateException | IllegalArgumentException | UnsupportedOperationException e) {
            tell("refused: " + e.getMessage());
            refused = true;
            return null;
        }
    }

    /** What is refused leaves everything as it was, unless the call failed that was to undo something. */
    private void checkRefusal(Op op, Held before) {
        boolean opens = op == Op.SPACE || op == Op.DEVICE || op == Op.TRACK || op == Op.TRACK_MAPPINGS;
        boolean undone = failed.stream().noneMatch(Machine::isUndoing);
        everyStopWorked &= undone;
        Held after = kernel.held();
        boolean less = after.trackingSessions() < before.trackingSessions(); // of what an earlier stop has left
        Held compared = less ? withoutTracking(after) : after;
        if (opens && refused && undone && !compared.equals(less ? withoutTracking(before) : before)) {
            throw wrong("left behind", "refused, and yet there is " + after + " after " + before, null);
        }
        if (sessions.isEmpty() && everyStopWorked && after.trackingSessions() != 0) {
            throw wrong("left behind", "no session, and yet something tracks: " + after, null);
        }
    }

    private static Held withoutTracking(Held held) {
        return new Held(held.descriptors(), held.files(), held.mappings(), held.objects(), 0, held.pinnedBytes());
    }

    private static boolean isUndoing(String name) {
        return FAILING.get(2).stream().anyMatch(name::startsWith)
                || name.startsWith("close ")
                || name.startsWith("IOMMU_DESTROY")
                || name.contains("DETACH");
    }

    private boolean tried(Runnable call) {
        return tried(() -> {
                    call.run();
                    return this;
                })
                != null;
    }

    /** As somebody else, whose calls are not interrupted. */
    private <T> T quietly(Supplier<T> calls) {
        quiet = true;
        try {
            return calls.get();
        } finally {
            quiet = false;
        }
    }

    private void noteFailures(Op op) {
        boolean report = failed.stream().anyMatch(Machine::isReport);
        if (report && op != Op.HARVEST && op != Op.PEEK) {
            sessions.forEach(session -> session.maybeBroken = true);
        }
        boolean other = failed.stream().anyMatch(name -> !isReport(name) && !name.startsWith("open"));
        if (other && op != Op.STOP && op != Op.CLOSE_SPACE) {
            sessions.forEach(session -> session.allowed(Cause.UNTRACKED_WRITER).set(0, Pages.COUNT));
        }
    }

    private static boolean isReport(String name) {
        return FAILING.getFirst().stream().anyMatch(name::startsWith);
    }

    private static <T> @Nullable T pick(List<T> from, int index) {
        return from.isEmpty() ? null : from.get(index % from.size());
    }

    private static boolean bit(int mask, int index) {
        return (mask >> index & 1) != 0;
    }

    // Steps.

    private void step(Step step) {
        int a = step.a();
        int b = step.b();
        int c = step.c();
        int d = step.d();
        switch (step.op()) {
            case SPACE -> openSpace(a, b);
            case DEVICE -> openDevice(pick(spaces, a), b < LATEST ? b % world.devices() : closedDevice(b));
            case CLOSE_DEVICE -> closeDevice(pick(a < LATEST ? devices : devices.reversed(), a < LATEST ? a : 0));
            case CLOSE_SPACE -> closeSpace(pick(spaces, a));
            case MAP -> map(pick(spaces, a), place(b), c % 8 == 7);
            case UNMAP -> unmap(pick(spaces, a), b);
            case OWNER -> openOwner(a, b);
            case OWNER_ATTACH -> ownerAttaches(pick(owners, a), b % world.devices());
            case OWNER_MAP -> ownerMaps(pick(owners, a), Pages.PLACES.get(b % Pages.PLACES.size()));
            case OWNER_UNMAP -> ownerUnmaps(pick(owners, a), b);
            case OWNER_REOPEN -> ownerReopens(pick(owners, a), b);
            case ADOPT -> adopt(vfios.get(a % 2), pick(owners, b), bit(c, 0));
            case ADOPT_LOG -> adoptLog(vfios.get(a % 2), pick(owners, b), c, bit(d, 0));
            case TRACK -> track(a, b, c, d);
            case TRACK_MAPPINGS -> trackMappings(a, b, c, d);
            case STOP -> stop(pick(sessions, a));
            case HARVEST -> harvest(pick(sessions, a), b, c, d, false);
            case PEEK -> harvest(pick(sessions, a), b, c, d, true);
            case WRITE -> write(writer(a), page(b, c), 1 + d % 4);
            case WRITE_BETWEEN -> {
                between = new Between(writer(a), page(b, c), 1);
                betweenIn = d % 4;
            }
            case FAIL -> {
                fails = new Fails(FAILING.get(a % FAILING.size()), ERRNOS[c % ERRNOS.length], bit(d, 0));
                failsIn = b % 3;
            }
            case FAIL_REPORT -> {
                fails = new Fails(FAILING.getFirst(), ERRNOS[b % ERRNOS.length], bit(c, 0));
                failsIn = a % 3;
            }
        }
    }

    /** A device that is not open; any, if all are. */
    private int closedDevice(int from) {
        for (int i = 0; i < world.devices(); i++) {
            int number = (from + i) % world.devices();
            if (devices.stream().noneMatch(device -> device.number() == number)) {
                return number;
            }
        }
        return from % world.devices();
    }

    private int writer(int which) {
        return which < LATEST || devices.isEmpty()
                ? which % world.devices()
                : devices.getLast().number();
    }

    private Place place(int which) {
        return which < LATEST || lastUnmapped == null ? Pages.PLACES.get(which % Pages.PLACES.size()) : lastUnmapped;
    }

    /** A page that is likely to be mapped: of a mapping, or one time in four of any place, at its start, its end or between. */
    private int page(int place, int where) {
        List<Place> mapped = Stream.concat(
                        spaces.stream().map(space -> space.key), owners.stream().map(owner -> owner.key))
                .distinct()
                .flatMap(key -> key.places.stream())
                .toList();
        Place chosen = place >= ANYWHERE || mapped.isEmpty()
                ? Pages.PLACES.get(place % Pages.PLACES.size())
                : mapped.get(place % mapped.size());
        return switch (where % 4) {
            case 0 -> chosen.first();
            case 1 -> chosen.first() + chosen.count() - 1;
            default -> chosen.first() + where * 37 % chosen.count();
        };
    }

    private void openSpace(int a, int b) {
        if (spaces.size() >= MAX_SPACES) {
            return;
        }
        Vfio vfio = vfios.get(a % 2);
        boolean iommufd = world.hasIommufd() && a / 2 % 3 != 0;
        AddressSpace opened;
        if (iommufd) {
            opened = tried(vfio::openAddressSpace);
        } else {
            List<Path> groups = new ArrayList<>();
            for (int i = 0; i < world.devices(); i++) {
                if (bit(b, i)) {
                    groups.add(Path.of("/dev/vfio/" + i));
                }
            }
            opened = tried(() -> vfio.openContainer(groups));
        }
        if (opened != null) {
            spaces.add(new Space(opened, new Key(iommufd, false), null));
            tell("space " + (spaces.size() - 1) + " is " + (iommufd ? "iommufd" : "a container"));
        }
    }

    private void openDevice(@Nullable Space space, int number) {
        if (space == null || space.owner != null || devices.size() >= MAX_DEVICES) {
            return;
        }
        VfioDevice opened = tried(() -> switch (space.api) {
            case IommufdSpace iommufd -> iommufd.openDevice(Path.of("/dev/vfio/devices/vfio" + number));
            case Type1Container container -> container.openDevice(kernel.deviceName(number));
        });
        if (opened != null) {
            devices.add(new Device(opened, number, space));
            tell("device " + number + " in space " + spaces.indexOf(space));
            joined(number, space.key);
        }
    }

    /** A device that came counts as one that could write from when it came. */
    private void joined(int number, Key key) {
        boolean comes = devices.stream()
                        .filter(device -> device.number() == number)
                        .limit(2)
                        .count()
                < 2;
        for (Tracked session : sessions) {
            if (session.keys.contains(key)) {
                session.refresh();
                if (comes) {
                    takeOver(session, number);
                }
                if (!failed.isEmpty() || isTakenByAnother(session, number)) {
                    session.failedToJoin.add(number);
                }
                if (!isTracked(session, number)) {
                    session.allowed(Cause.UNTRACKED_WRITER).set(0, Pages.COUNT);
                }
            }
        }
    }

    private void closeDevice(@Nullable Device device) {
        if (device == null) {
            return;
        }
        try {
            device.api().close();
        } catch (IllegalStateException e) {
            tell("refused: " + e.getMessage());
            return;
        } catch (IoctlException e) {
            tell("closed all the same: " + e.getMessage());
        }
        tell("device " + device.number() + " of space " + spaces.indexOf(device.space()) + " is closed");
        for (Tracked session : sessions) {
            // Nothing detaches a device from a container before its log is read for the last time.
            boolean writes = session.devices.contains(device.number()) || session.keys.contains(device.space().key);
            if (writes && (!device.space().key.iommufd || device.space().owner != null)) {
                session.allowed(Cause.UNTRACKED_WRITER).set(0, Pages.COUNT);
                boolean last =
                        devices.stream().noneMatch(other -> other != device && other.number() == device.number());
                BitSet pages = last ? session.pending.remove(device.number()) : null;
                if (pages != null) {
                    session.owedInPart.or(pages); // all is owed now, by address
                }
            }
            session.failedToJoin.remove(device.number());
        }
        gone(device);
    }

    private void gone(Device device) {
        devices.remove(device);
        if (devices.stream().noneMatch(other -> other.number() == device.number())) {
            debts.remove(device.number());
            sessions.forEach(session -> session.devices.remove(device.number()));
            owedMarks.remove(device.number());
        }
    }

    private void closeSpace(@Nullable Space space) {
        if (space == null || devices.stream().anyMatch(device -> device.space() == space)) {
            return;
        }
        try {
            space.api.close();
        } catch (IllegalStateException e) {
            tell("refused: " + e.getMessage());
            return;
        } catch (IoctlException e) {
            tell("closed all the same: " + e.getMessage());
        }
        spaces.remove(space);
        if (spacesOf(space.key).isEmpty()) {
            owedMarks.remove(space.key);
        }
    }

    private static MemorySegment memory(Place place) {
        return memoryOf(place.range().length());
    }

    /** At an address that nobody dereferences: the simulated device writes no bytes. */
    @SuppressWarnings("restricted")
    private static MemorySegment memoryOf(long size) {
        return MemorySegment.ofAddress(1L << 46).reinterpret(size);
    }

    private List<Space> spacesOf(Key key) {
        return spaces.stream().filter(space -> space.key == key).toList();
    }

    private void map(@Nullable Space space, Place place, boolean readOnly) {
        if (space == null || spacesOf(space.key).size() > 1) {
            return;
        }
        boolean overlaps = space.key.places.stream().anyMatch(place::overlaps);
        int mappings = kernel.held().mappings();
        MemorySegment memory = readOnly ? memory(place).asReadOnly() : memory(place);
        boolean done = tried(() -> space.api.map(place.range().iova(), memory));
        if (failed.isEmpty() && kernel.held().mappings() != mappings + (done ? 1 : 0)) {
            throw wrong("mapped otherwise", "pages " + place.first() + "+" + place.count() + ", done: " + done, null);
        }
        if (done) {
            space.key.uncertain.clear(place.first(), place.first() + place.count());
            mapped(space.key, place);
        } else if (!overlaps && !failed.isEmpty()) {
            changed(space.key, place);
        }
    }

    private void mapped(Key key, Place place) {
        key.places.add(place);
        tell("pages " + place.first() + "+" + place.count() + " are mapped");
        remapped(key, place);
    }

    private void remapped(Key key, Place place) {
        for (Tracked session : sessions) {
            if (session.keys.contains(key)) {
                session.allowed(Cause.REMAPPED).set(place.first(), place.first() + place.count());
            }
        }
    }

    /** A call failed that may have changed what is mapped. */
    private void changed(Key key, Place place) {
        key.uncertain.set(place.first(), place.first() + place.count());
        remapped(key, place);
    }

    private void unmap(@Nullable Space space, int index) {
        Place place = space == null ? null : pick(space.key.places, index);
        if (place == null || spacesOf(space.key).size() > 1) {
            return;
        }
        if (tried(() -> space.api.unmap(place.range()))) {
            unmapped(space.key, place);
        } else if (!failed.isEmpty()) {
            changed(space.key, place);
        }
    }

    private void unmapped(Key key, Place place) {
        key.places.remove(place);
        lastUnmapped = place;
        tell("pages " + place.first() + "+" + place.count() + " are unmapped");
        remapped(key, place);
    }

    // Somebody else.

    private void openOwner(int a, int b) {
        if (owners.size() >= MAX_OWNERS) {
            return;
        }
        quietly(() -> {
            Owner owner = new Owner(caller, world, world.hasIommufd() && a % 3 != 0);
            for (int i = 0; i < world.devices(); i++) {
                if (bit(b, i) && owner.open(i)) {
                    owner.attach(i);
                }
            }
            owners.add(owner);
            tell("owner " + (owners.size() - 1) + " holds " + (owner.key.iommufd ? "iommufd" : "a container")
                    + " with devices " + owner.devices.keySet());
            return owner;
        });
    }

    private void ownerAttaches(@Nullable Owner owner, int number) {
        if (owner == null || !quietly(() -> owner.open(number))) {
            return;
        }
        int target = quietly(() -> owner.target(number));
        for (Space space : spacesOf(owner.key)) {
            adoptDevice(space, number, owner.devices.get(number), target);
        }
        joined(number, owner.key);
        quietly(() -> {
            owner.attach(number);
            return owner;
        });
        tell("device " + number + " is attached by owner " + owners.indexOf(owner));
    }

    private boolean adoptDevice(Space space, int number, int fd, int target) {
        VfioDevice adopted = tried(() -> space.api instanceof IommufdSpace iommufd
                ? iommufd.adoptDevice(fd, target)
                : space.api.adoptDevice(fd));
        if (adopted == null) {
            // Whoever cannot adopt does not attach, and has to stop using the space here: see closeAll.
            giveUp(space);
            return false;
        }
        devices.add(new Device(adopted, number, space));
        sessions.stream()
                .filter(session -> session.devices.contains(number))
                .forEach(session -> learn(session, space.owner, number));
        return true;
    }

    /** Ends everything over a space of which the library does not know all devices. */
    private void giveUp(Space space) {
        for (Tracked session : List.copyOf(sessions)) {
            if (session.keys.contains(space.key)) {
                stop(session);
            }
        }
        for (Device device : List.copyOf(devices)) {
            if (device.space() == space) {
                closeDevice(device);
            }
        }
        closeSpace(space);
    }

    private void ownerMaps(@Nullable Owner owner, Place place) {
        if (owner == null || !quietly(() -> owner.map(place, memory(place)))) {
            return;
        }
        for (Space space : spacesOf(owner.key)) {
            tried(() -> space.api.adoptMapping(place.range()));
        }
        mapped(owner.key, place);
    }

    private void ownerUnmaps(@Nullable Owner owner, int index) {
        Place place = owner == null ? null : pick(owner.key.places, index);
        if (place == null) {
            return;
        }
        for (Space space : spacesOf(owner.key)) {
            tried(() -> space.api.forgetMapping(place.range()));
        }
        if (quietly(() -> owner.unmap(place))) {
            unmapped(owner.key, place);
        } else {
            changed(owner.key, place);
        }
    }

    private void ownerReopens(@Nullable Owner owner, int how) {
        if (owner == null || owner.devices.isEmpty()) {
            return;
        }
        if (sessions.stream().anyMatch(session -> session.keys.contains(owner.key))) {
            return;
        }
        spacesOf(owner.key).forEach(this::giveUp);
        for (Device device : List.copyOf(devices)) {
            if (device.space().owner == owner) {
                closeDevice(device);
            }
        }
        if (!spacesOf(owner.key).isEmpty() || devices.stream().anyMatch(device -> device.space().owner == owner)) {
            return;
        }
        List<Integer> numbers = List.copyOf(owner.devices.keySet());
        quietly(() -> {
            owner.close();
            Owner again = new Owner(caller, world, owner.key.iommufd);
            owners.set(owners.indexOf(owner), again);
            for (int number : how % 2 == 0 ? numbers : numbers.reversed()) {
                if (again.open(number)) {
                    again.attach(number);
                }
            }
            return again;
        });
        tell("closed, and opened again");
    }

    private void adopt(Vfio vfio, @Nullable Owner owner, boolean duplicates) {
        if (owner == null || spaces.size() >= MAX_SPACES || owner.devices.isEmpty()) {
            return;
        }
        List<IovaRange> mappings = owner.key.places.stream().map(Place::range).toList();
        int fd = duplicates ? owner.duplicateOf(owner.fd) : owner.fd;
        AddressSpace adopted = tried(() -> owner.key.iommufd
                ? vfio.adoptAddressSpace(fd, owner.ioas, List.copyOf(owner.pageTables.values()), mappings)
                : vfio.adoptContainer(fd, mappings));
        if (adopted == null) {
            return;
        }
        Space space = new Space(adopted, owner.key, owner);
        spaces.add(space);
        tell("space " + (spaces.size() - 1) + " adopted from owner " + owners.indexOf(owner) + " by vfio "
                + vfios.indexOf(vfio) + (duplicates ? " by duplicates" : ""));
        for (Map.Entry<Integer, Integer> device : Map.copyOf(owner.devices).entrySet()) {
            int of = duplicates ? owner.duplicateOf(device.getValue()) : device.getValue();
            if (!adoptDevice(space, device.getKey(), of, owner.target(device.getKey()))) {
                return;
            }
        }
    }

    private void adoptLog(Vfio vfio, @Nullable Owner owner, int which, boolean duplicate) {
        Integer number = owner == null ? null : pick(List.copyOf(owner.devices.keySet()), which);
        if (number == null || devices.size() >= MAX_DEVICES) {
            return;
        }
        int fd = owner.devices.get(number);
        VfioDevice adopted = tried(() -> vfio.adoptDevice(duplicate ? owner.duplicateOf(fd) : fd, null));
        if (adopted != null) {
            devices.add(new Device(adopted, number, new Space(null, new Key(owner.key.iommufd, true), owner)));
            tell("device " + number + " of owner " + owners.indexOf(owner) + " for its log");
        }
    }

    // Sessions.

    private static List<IovaRange> ranges(int which) {
        return switch (which % 6) {
            case 0, 1 -> List.of(new IovaRange(Pages.BASE, Pages.LOW * Pages.SIZE));
            case 2 ->
                List.of(
                        Pages.PLACES.get(0).range(),
                        Pages.PLACES.get(2).range(),
                        Pages.PLACES.get(3).range());
            case 3 -> List.of(new IovaRange(Pages.BASE, 128 * Pages.SIZE));
            case 4 -> List.of(new IovaRange(Pages.BASE, Pages.LOW * Pages.SIZE), new Place(Pages.LOW, 64).range());
            default ->
                List.of(
                        Pages.PLACES.get(which / 6 % Pages.PLACES.size()).range(),
                        new IovaRange(Pages.BASE + 200 * Pages.SIZE, (which + 1) * Pages.SIZE));
        };
    }

    private void track(int which, int range, int size, int unused) {
        List<Device> chosen = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            if (bit(which, i % 5)) {
                chosen.add(devices.get(i));
            }
        }
        if (chosen.isEmpty()) {
            chosen.addAll(devices);
        }
        if (chosen.isEmpty() || sessions.size() >= MAX_SESSIONS) {
            return;
        }
        VfioTracker tracker = tried(() -> vfios.getFirst()
                .track(
                        chosen.stream().map(Device::api).toList(),
                        ranges(range),
                        TRACKED_PAGE_SIZES[size % TRACKED_PAGE_SIZES.length]));
        started(
                tracker,
                chosen,
                chosen.stream().map(device -> device.space().key).collect(Collectors.toSet()));
    }

    private void trackMappings(int which, int range, int size, int unused) {
        Set<AddressSpace> chosen = new LinkedHashSet<>();
        Set<Key> keys = new LinkedHashSet<>();
        for (int i = 0; i < spaces.size(); i++) {
            if (bit(which, i)) {
                chosen.add(spaces.get(i).api);
                keys.add(spaces.get(i).key);
            }
        }
        if (chosen.isEmpty() || sessions.size() >= MAX_SESSIONS) {
            return;
        }
        VfioTracker tracker = tried(() -> vfios.getFirst()
                .trackMappings(chosen, ranges(range), TRACKED_PAGE_SIZES[size % TRACKED_PAGE_SIZES.length]));
        started(tracker, List.of(), keys);
    }

    private void started(@Nullable VfioTracker tracker, List<Device> chosen, Set<Key> keys) {
        if (tracker == null) {
            return;
        }
        Tracked session = new Tracked(tracker);
        chosen.forEach(device -> session.devices.add(device.number()));
        session.keys.addAll(keys);
        chosen.forEach(device -> learn(session, device.space().owner, device.number()));
        sessions.add(session);
        tell("session " + (sessions.size() - 1) + " of devices "
                + chosen.stream().map(Device::number).toList() + " is tracked by " + session.by + " in "
                + session.api.ranges());
        for (int writer : writersOf(session)) {
            if (!isTracked(session, writer)) {
                session.allowed(Cause.UNTRACKED_WRITER).set(0, Pages.COUNT);
            }
        }
        entriesOf(session).forEach(entry -> takeOver(session, entry));
        writtenInStep.forEach((device, pages) -> pages.stream().forEach(page -> {
            Place one = whatHasOneBit(session, device, page);
            session.written.set(one.first(), one.first() + one.count());
        }));
    }

    /** What an entry owes by address goes over to the first session that hears of it. */
    private void takeOver(Tracked session, Object entry) {
        BitSet debt = entry instanceof Integer device ? debts.getOrDefault(device, new BitSet()) : new BitSet();
        BitSet here = (BitSet) debt.clone();
        here.and(session.ranges);
        debt.andNot(here);
        session.owed.or(here);
        BitSet all = owedMarks.getOrDefault(entry, new BitSet());
        BitSet marks = (BitSet) all.clone();
        marks.and(session.ranges);
        all.andNot(marks);
        session.allowed(Cause.FAILED_REPORT).or(marks);
    }

    /** A device that is adopted for its log alone is known to be in a space if it is adopted with that as well. */
    private void learn(Tracked session, @Nullable Owner owner, int number) {
        boolean known = owner != null
                && devices.stream().anyMatch(other -> other.number() == number && other.space().key == owner.key);
        if (known) {
            session.keys.add(owner.key);
        }
    }

    private Set<Object> entriesOf(Tracked session) {
        Set<Object> entries = new LinkedHashSet<>(session.keys);
        entries.addAll(writersOf(session));
        // A device that is adopted for its log alone is the same open file as when it is adopted with its space.
        devices.stream()
                .filter(device -> device.space().owner != null && session.keys.contains(device.space().owner.key))
                .forEach(device -> entries.add(device.number()));
        return entries;
    }

    /** The devices that may write to the memory of a session at this moment. */
    private Set<Integer> writersOf(Tracked session) {
        return devices.stream()
                .filter(device ->
                        session.devices.contains(device.number()) || session.keys.contains(device.space().key))
                .map(Device::number)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether what tracks a session can track a device. */
    private boolean isTracked(Tracked session, int device) {
        boolean byLog = session.isBy("log") && world.logs(device);
        boolean byTable = session.isBy("iommufd") && world.hasBits(device);
        return (byLog || byTable) && !session.failedToJoin.contains(device) && !isTakenByAnother(session, device);
    }

    /** Whether the log or the page table that could track a device is that of another session: each is of one at a time. */
    private boolean isTakenByAnother(Tracked session, int number) {
        boolean tracked = devices.stream()
                .filter(device -> device.number() == number)
                .anyMatch(device -> !session.api.trackedBy(device.api()).equals("nothing"));
        return !tracked
                && sessions.stream()
                        .anyMatch(other -> other != session && writersOf(other).contains(number));
    }

    private void stop(@Nullable Tracked session) {
        if (session == null) {
            return;
        }
        try {
            session.api.close();
        } catch (IoctlException e) {
            tell("stopped all the same: " + e.getMessage());
        }
        tell("session " + sessions.indexOf(session) + " is stopped");
        sessions.remove(session);
        for (int writer : writersOf(session)) {
            BitSet debt = debts.computeIfAbsent(writer, d -> new BitSet(Pages.COUNT));
            debt.or(session.owed);
            if (session.broken) {
                debt.or(session.pending.getOrDefault(writer, new BitSet()));
            }
        }
        for (Object entry : entriesOf(session)) {
            BitSet marks = owedMarks.computeIfAbsent(entry, e -> new BitSet(Pages.COUNT));
            marks.or(session.allowed(Cause.FAILED_REPORT));
            if (session.broken || session.maybeBroken) {
                marks.set(0, Pages.COUNT); // all memory, as the uapi has it, whatever this session was over
            }
        }
    }

    private void write(int device, int page, int count) {
        tell("device " + device + " writes " + page + "+" + count);
        for (int i = 0; i < count && page + i < Pages.COUNT; i++) {
            writes(device, page + i);
        }
    }

    private void writes(int device, int page) {
        long iova = Pages.iova(page);
        boolean reaches = kernel.reaches(device, iova);
        kernel.deviceWrites(device, iova + page % 7, 1);
        writtenInStep.computeIfAbsent(device, d -> new BitSet(Pages.COUNT)).set(page);
        for (Tracked session : sessions) {
            boolean counts = writersOf(session).contains(device);
            if (counts && reaches && session.ranges.get(page)) {
                session.pending
                        .computeIfAbsent(device, d -> new BitSet(Pages.COUNT))
                        .set(page);
            }
            Place one = whatHasOneBit(session, device, page);
            session.written.set(one.first(), one.first() + one.count());
            session.writtenMeanwhile.set(one.first(), one.first() + one.count());
        }
    }

    /** The pages that are dirty when one of them is. */
    private Place whatHasOneBit(Tracked session, int device, int page) {
        int granule = session.granulePages();
        int start = page < Pages.LOW ? page / granule * granule : page;
        Place result = new Place(start, page < Pages.LOW ? granule : 1);
        if (session.isBy("iommufd") && world.hasHugeEntries(device)) {
            for (Key key : session.keys) {
                Place entry = entryAt(key.at(page), page, world.isAmd(device));
                int first = Math.min(entry.first(), result.first());
                int end = Math.max(entry.first() + entry.count(), result.first() + result.count());
                result = new Place(first, end - first);
            }
        }
        return result;
    }

    /** The largest entry in a mapping that has a page: of any power of two, or of 512 pages. */
    private static Place entryAt(Place mapping, int page, boolean anySize) {
        for (int count = 1024; count > 1; count /= 2) {
            int first = page / count * count;
            boolean fits = mapping.first() <= first && first + count <= mapping.first() + mapping.count();
            if (fits && (anySize || count == 512)) {
                return new Place(first, count);
            }
        }
        return new Place(page, 1);
    }

    // Harvests.

    private void harvest(@Nullable Tracked session, int from, int length, int size, boolean peeking) {
        if (session == null) {
            return;
        }
        long pageSize = BITMAP_PAGE_SIZES[size % BITMAP_PAGE_SIZES.length];
        IovaRange range = pick(session.api.ranges(), from);
        long pages = range.length() / Pages.SIZE;
        long skipped = from % 3 == 0 ? 0 : from * 13L % pages;
        long taken = length % 3 == 0 ? pages - skipped : 1 + length * 17L % (pages - skipped);
        long odd = size % 8 == 7 && taken > 1 ? 0x400 : 0;
        harvest(
                session,
                new IovaBitmapLayout(range.iova() + skipped * Pages.SIZE + odd, taken * Pages.SIZE - odd, pageSize),
                peeking);
    }

    private void harvest(Tracked session, IovaBitmapLayout layout, boolean peeking) {
        BitSet pending = session.pending();
        session.writtenMeanwhile.clear();
        tell("session " + sessions.indexOf(session) + " " + show(layout));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(layout.byteSize(), 8);
            IovaBitmap bitmap = peeking
                    ? session.api.peek(layout.iova(), layout.length(), layout.pageSize(), data)
                    : session.api.allocate(layout.iova(), layout.length(), layout.pageSize(), data);
            try (bitmap) {
                bitmap.forEach(null, (it, iova, length, nothing) -> {});
            } catch (IoctlException | IllegalStateException e) {
                tell("threw " + e.getMessage());
                boolean known = session.broken || session.maybeBroken || !failed.isEmpty();
                if (!known) {
                    throw wrong("report failed", "nothing was made to fail, and yet: " + e, e);
                }
                session.broken = true;
            }
            check(session, layout, BitSet.valueOf(data.toArray(ValueLayout.JAVA_BYTE)), pending, peeking);
        }
    }

    private static String show(IovaBitmapLayout layout) {
        return "from 0x" + Long.toHexString(layout.iova()) + " of 0x" + Long.toHexString(layout.length()) + " bytes by "
                + layout.pageSize();
    }

    private void check(Tracked session, IovaBitmapLayout layout, BitSet bits, BitSet pending, boolean peeking) {
        BitSet touched = Pages.of(layout.iova(), layout.length());
        BitSet marked = new BitSet(Pages.COUNT);
        for (int bit = bits.nextSetBit(0); bit >= 0; bit = bits.nextSetBit(bit + 1)) {
            long first = layout.iova() + bit * layout.pageSize();
            long last = Math.min(layout.length() - 1 - bit * layout.pageSize(), layout.pageSize() - 1) + first;
            BitSet pages = Pages.of(first, last - first + 1);
            marked.or(pages);
            if (session.isExact()) {
                justify(session, pages, first, last);
            }
        }
        BitSet lost = (BitSet) pending.clone();
        BitSet inPart = (BitSet) session.owedInPart.clone();
        inPart.and(whole(layout, touched));
        lost.or(inPart);
        lost.and(touched);
        lost.andNot(marked);
        if (!lost.isEmpty()) {
            throw wrong("lost", "written, not handed over, and reported clean: pages " + lost, null);
        }
        if (!peeking) {
            handOver(session, layout, touched, marked);
        }
    }

    /** What one bit stands for must have something in it that is dirty, or may be. */
    private void justify(Tracked session, BitSet pages, long first, long last) {
        if (session.written.intersects(pages)) {
            return;
        }
        for (Cause cause : Cause.values()) {
            if (holds(session, cause, pages)) {
                overMarked.merge(cause, (long) pages.cardinality(), Long::sum);
                return;
            }
        }
        throw wrong(
                "over-marked",
                "0x" + Long.toHexString(first) + " to 0x" + Long.toHexString(last)
                        + " is dirty, which nobody wrote: pages " + pages,
                null);
    }

    private boolean holds(Tracked session, Cause cause, BitSet pages) {
        if (session.allowed(cause).intersects(pages)) {
            return true;
        }
        return switch (cause) {
            case FAILED_REPORT -> session.broken || session.maybeBroken;
            case UNTRACKED_WRITER -> writersOf(session).stream().anyMatch(device -> !isTracked(session, device));
            case UNMAPPED ->
                session.isBy("iommufd")
                        && session.keys.stream().anyMatch(key -> pages.stream().anyMatch(page -> !key.isMapped(page)));
            case REMAPPED -> false;
            case TOP_OF_SPACE -> session.isBy("log") && pages.nextSetBit(Pages.LOW) >= 0;
            case WALK_6_19 ->
                session.isBy("iommufd")
                        && session.keys.stream().anyMatch(key -> key.adopted)
                        && writersOf(session).stream().anyMatch(world::losesItems);
        };
    }

    /** The pages that a bitmap covers whole. */
    private static BitSet whole(IovaBitmapLayout layout, BitSet touched) {
        BitSet whole = (BitSet) touched.clone();
        IovaRange range = new IovaRange(layout.iova(), layout.length());
        for (int page = touched.nextSetBit(0); page >= 0; page = touched.nextSetBit(page + 1)) {
            if (!range.contains(new IovaRange(Pages.iova(page), Pages.SIZE))) {
                whole.clear(page);
            }
        }
        return whole;
    }

    /** What is handed over is owed no longer: pages that the bitmap covers whole, and bits of which it covers all. */
    private void handOver(Tracked session, IovaBitmapLayout layout, BitSet touched, BitSet marked) {
        BitSet whole = whole(layout, touched);
        BitSet taken = (BitSet) whole.clone();
        taken.and(marked);
        session.pending.values().forEach(pages -> pages.andNot(taken));
        session.owed.andNot(taken);
        session.owedInPart.andNot(taken);
        // What is owed is owed by address: the rest of a page that was marked in part is, and no more.
        BitSet cut = (BitSet) session.owed.clone();
        cut.and(touched);
        cut.and(marked);
        session.owed.andNot(cut);
        session.owedInPart.or(cut);
        // What has one bit is reported until a bitmap covers all of it.
        int granule = session.granulePages();
        BitSet settled = (BitSet) whole.clone();
        for (int page = whole.nextSetBit(0); page >= 0 && page < Pages.LOW; page = whole.nextSetBit(page + 1)) {
            int start = page / granule * granule;
            if (whole.nextClearBit(start) < Math.min(start + granule, Pages.LOW)) {
                settled.clear(page);
            }
        }
        settled.andNot(session.writtenMeanwhile);
        session.written.andNot(settled);
        for (Cause cause : Cause.values()) {
            boolean goesOn = cause == Cause.UNTRACKED_WRITER && holds(session, cause, new BitSet());
            if (!goesOn) {
                session.allowed(cause).andNot(settled);
            }
        }
    }

    // The end.

    private void harvestEverything() {
        for (Tracked session : sessions) {
            for (IovaRange range : session.api.ranges()) {
                log.add("at the end");
                harvest(session, new IovaBitmapLayout(range.iova(), range.length(), Pages.SIZE), false);
            }
        }
    }

    private void closeEverything() {
        log.add("everything is closed");
        for (Tracked session : List.copyOf(sessions)) {
            stop(session);
        }
        for (Device device : List.copyOf(devices)) {
            device.api().close();
        }
        for (Space space : spaces) {
            space.api.close();
        }
        quietly(() -> {
            owners.forEach(Owner::close);
            return owners;
        });
        Held held = kernel.held();
        if (!held.equals(Held.NOTHING)) {
            throw wrong("left behind", held.toString(), null);
        }
    }
}
