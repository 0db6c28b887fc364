package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The objects of one IOMMUFD file by their numbers, which start at 1; the lowest free one is given. */
final class IommufdObjects {
    private final TreeMap<Integer, IommufdObject> objects = new TreeMap<>();

    int add(IommufdObject object) {
        int id = 1;
        while (objects.containsKey(id)) {
            id++;
        }
        objects.put(id, object);
        object.id(id);
        return id;
    }

    /** Finds an object of a kind. */
    <T extends IommufdObject> T get(long id, Class<T> kind) {
        return get(id, kind, Errno.ENOENT);
    }

    <T extends IommufdObject> T get(long id, Class<T> kind, int errno) {
        IommufdObject object = objects.get((int) id);
        if (!kind.isInstance(object)) {
            throw new KernelError(errno);
        }
        return kind.cast(object);
    }

    void destroy(IommufdObject object) {
        KernelError.unless(!object.inUse(), Errno.EBUSY);
        objects.remove(object.id());
        object.destroy();
    }

    /** Destroys all, again and again those that nothing uses, as closing the file does. */
    void destroyAll() {
        while (!objects.isEmpty()) {
            List<IommufdObject> free =
                    objects.values().stream().filter(o -> !o.inUse()).toList();
            free.forEach(this::destroy);
        }
    }

    Held held() {
        Held held = new Held(0, 0, 0, objects.size(), 0, 0);
        for (IommufdObject object : new ArrayList<>(objects.values())) {
            held = held.plus(object.held());
        }
        return held;
    }
}
