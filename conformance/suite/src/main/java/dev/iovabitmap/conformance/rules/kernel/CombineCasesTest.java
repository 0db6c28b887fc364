package dev.iovabitmap.conformance.rules.kernel;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.kernel.PublicCases.Case;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.conformance.subject.Rig;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranges that a device is asked to track, reduced to what it can take, as vfio_combine_iova_ranges does. */
public class CombineCasesTest {
    static List<Case> cases() {
        return PublicCases.ofKind("combine", each -> true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    @Verifies("HW-7")
    void combined(Case each) {
        List<IovaRange> expected = PublicCases.spans(each.expected().path("ranges"));
        List<IovaRange> given = PublicCases.spans(each.json().path("ranges"));
        int limit = each.json().path("req").asInt();
        List<IovaRange> actual = Library.current().cover(given, 1, limit);
        if (!actual.equals(expected)) {
            throw new AssertionError(each + ": " + Rig.show(given) + " in " + limit + " ranges is " + Rig.show(actual)
                    + ", not " + Rig.show(expected));
        }
    }
}
