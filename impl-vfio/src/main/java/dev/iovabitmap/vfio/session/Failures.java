package dev.iovabitmap.vfio.session;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Does the same with everything, whatever fails on the way. */
public final class Failures {
    private Failures() {}

    /** Throws the first failure at the end, the others suppressed into it. */
    public static <T> void all(Collection<T> each, Consumer<? super T> action) {
        RuntimeException first = null;
        for (T one : List.copyOf(each)) {
            try {
                action.accept(one);
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
