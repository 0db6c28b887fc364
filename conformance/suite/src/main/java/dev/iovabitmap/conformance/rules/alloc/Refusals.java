package dev.iovabitmap.conformance.rules.alloc;

import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Rig;
import dev.iovabitmap.conformance.subject.Rig.Action;
import dev.iovabitmap.conformance.subject.Subject;
import dev.iovabitmap.conformance.subject.U64;
import java.lang.foreign.Arena;

/** Checks that allocate refuses, with which exception, and that it touched nothing. */
final class Refusals {
    private Refusals() {}

    /** Allocates with data of a size, on numbers that may make no range at all. */
    static <T extends Throwable> T refuses(Class<T> type, long iova, long length, long pageSize, long dataSize) {
        try (Arena arena = Arena.ofConfined()) {
            GuardedData data = Rig.allocate(Geometry.of(0, 1, 1), dataSize, Fill.DIRTY, arena);
            String call = "allocate(" + U64.show(iova) + ", " + U64.show(length) + ", " + U64.show(pageSize)
                    + ", data of " + dataSize + " bytes)";
            return refuses(type, data, call, () -> Subject.provider().allocate(iova, length, pageSize, data.data()));
        }
    }

    static <T extends Throwable> T refuses(Class<T> type, GuardedData data, String call, Action action) {
        try {
            action.run();
        } catch (Throwable thrown) {
            data.check(call);
            if (type.isInstance(thrown)) {
                return type.cast(thrown);
            }
            throw new AssertionError(call + " threw " + thrown + ", not " + type.getName(), thrown);
        }
        throw new AssertionError(call + " was not refused with " + type.getName());
    }

    /** Checks that a message names an argument and its value, which may be written decimal or with 0x. */
    static void names(Throwable refusal, String argument, long value) {
        String message = String.valueOf(refusal.getMessage());
        boolean namesValue = message.matches("(?s).*(?<![0-9a-zA-Z])" + U64.toBigInteger(value) + "(?![0-9a-zA-Z]).*")
                || message.matches("(?is).*(?<![0-9a-z])0x0*" + Long.toHexString(value) + "(?![0-9a-z]).*");
        if (!message.contains(argument) || !namesValue) {
            throw new AssertionError("the message does not name " + argument + " and its value "
                    + U64.toBigInteger(value) + " (" + U64.show(value) + "): " + message);
        }
    }
}
