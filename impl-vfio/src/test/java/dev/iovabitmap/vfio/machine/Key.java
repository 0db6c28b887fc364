package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.vfio.machine.Pages.Place;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** An address space of the kernel, whoever has it open and however often: what is mapped there. */
final class Key {
    final boolean iommufd;
    final boolean adopted;
    final List<Place> places = new ArrayList<>();

    /** Where a call that failed leaves open what is mapped. */
    final BitSet uncertain = new BitSet(Pages.COUNT);

    Key(boolean iommufd, boolean adopted) {
        this.iommufd = iommufd;
        this.adopted = adopted;
    }

    boolean isMapped(int page) {
        return !uncertain.get(page)
                && places.stream().anyMatch(place -> place.first() <= page && page < place.first() + place.count());
    }

    /** The mapping that has a page, or one of that page alone. */
    Place at(int page) {
        return places.stream()
                .filter(place -> place.first() <= page && page < place.first() + place.count())
                .findFirst()
                .orElse(new Place(page, 1));
    }
}
