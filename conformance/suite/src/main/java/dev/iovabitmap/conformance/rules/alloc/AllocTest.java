package dev.iovabitmap.conformance.rules.alloc;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Seeded;
import dev.iovabitmap.conformance.subject.Subject;
import java.lang.foreign.Arena;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.junit.jupiter.api.Test;

/** Sample. */
@AddLifecycleHook(Seeded.class)
public class AllocTest {
    @Test
    @Verifies("ALLOC-1")
    void refusesLengthZero() {
        try (Arena arena = Arena.ofConfined()) {
            var data = Subject.provider().allocateData(64, 0, arena);
            assertThrows(
                    IllegalArgumentException.class, () -> Subject.provider().allocate(0, 0, 4096, data));
        }
    }

    @Property(tries = 100)
    @Verifies("ALLOC-2")
    void refusesPageSizes(@ForAll long pageSize) {
        Subject.provider();
    }
}
