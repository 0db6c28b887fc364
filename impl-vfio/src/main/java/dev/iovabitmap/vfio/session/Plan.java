package dev.iovabitmap.vfio.session;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which device would be tracked by what, of all that can write to the same memory; all of them or nothing. */
public final class Plan {
    /** What would track, by the device. */
    private final Map<Device, Entry> trackers = new LinkedHashMap<>();

    /** What would not be tracked and why. */
    private final Map<Device, String> untracked = new LinkedHashMap<>();

    /** What tracks whether or not a device is known to write there. */
    private final Set<Space> whole = new LinkedHashSet<>();

    private final Set<Entry> involved = new LinkedHashSet<>();

    private Plan() {}

    /** Plans for devices and for all others that are open in their address spaces: their logs if all have one, else what each has. */
    public static Plan ofDevices(Collection<Device> devices) {
        Plan plan = new Plan();
        Set<Device> writers = new LinkedHashSet<>(devices);
        devices.forEach(device -> writers.addAll(device.space().devices));
        boolean logs = writers.stream().allMatch(device -> device.log().isSupported());
        writers.forEach(device -> plan.put(device, logs ? device : trackerOf(device)));
        return plan;
    }

    /** Plans for all devices that are open in address spaces, by what tracks there, and what that does not see by its own log. */
    public static Plan ofSpaces(Collection<Space> spaces) {
        Plan plan = new Plan();
        plan.whole.addAll(spaces);
        spaces.forEach(space -> space.devices.forEach(device -> plan.put(device, trackerOf(device))));
        plan.involved.addAll(spaces);
        return plan;
    }

    private static @Nullable Entry trackerOf(Device device) {
        if (device.isTranslated() && device.space().whyNot() == null) {
            return device.space();
        }
        return device.log().isSupported() ? device : null;
    }

    private void put(Device device, @Nullable Entry tracker) {
        involved.add(device);
        involved.add(device.space());
        if (tracker == null) {
            String whyNot = device.space().whyNot();
            untracked.put(
                    device,
                    device + " has no log of its own, and "
                            + (whyNot == null ? "nothing that tracks translates its addresses" : whyNot));
        } else {
            trackers.put(device, tracker);
        }
    }

    /** {@return what would track} */
    public Set<Entry> tracking() {
        Set<Entry> tracking = new LinkedHashSet<>(whole);
        tracking.addAll(trackers.values());
        return tracking;
    }

    /** {@return the devices that would not be tracked, and why} */
    public Map<Device, String> untracked() {
        return untracked;
    }

    /** {@return whether there is something that tracks, and nothing that it does not see} */
    public boolean isComplete() {
        return untracked.isEmpty() && !tracking().isEmpty();
    }

    /** {@return what is tracked, or would be} */
    public Set<Entry> involved() {
        return involved;
    }
}
