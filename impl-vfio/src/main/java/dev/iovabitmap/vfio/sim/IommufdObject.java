package dev.iovabitmap.vfio.sim;

/** Something that IOMMUFD names by a number. */
abstract class IommufdObject {
    private int id;
    private int users;

    final int id() {
        return id;
    }

    final void id(int given) {
        id = given;
    }

    final void get() {
        users++;
    }

    final void put() {
        users--;
    }

    final boolean inUse() {
        return users > 0;
    }

    /** Gives up what this object itself uses, when it goes. */
    abstract void destroy();

    abstract Held held();
}
