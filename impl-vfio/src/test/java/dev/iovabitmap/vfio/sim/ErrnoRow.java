package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import java.util.function.ToLongFunction;

/** One line of the reference's tables: a call that ends in one way. The result is 0 or more, or a negative errno. */
record ErrnoRow<S>(String what, long result, ToLongFunction<S> call) {
    static <S> ErrnoRow<S> ok(String what, ToLongFunction<S> call) {
        return new ErrnoRow<>(what, 0, call);
    }

    static <S> ErrnoRow<S> fails(int errno, String what, ToLongFunction<S> call) {
        return new ErrnoRow<>(what, -errno, call);
    }

    @Override
    public String toString() {
        return what + (result < 0 ? " is " + Errno.name((int) -result) : " works");
    }
}
