package dev.iovabitmap.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.kernel.KernelModel.Outcome;
import dev.iovabitmap.vfio.uapi.Errno;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What explains a kernel's answers is itself held against the public cases. */
class KernelModelTest {
    private static final KernelRelease LATEST = KernelRelease.parse("6.12.117");

    static List<PublicCase> bitmaps() throws IOException {
        return PublicCase.all().stream()
                .filter(each -> each.kind().equals("bitmap") && !each.hasOddSet())
                .toList();
    }

    /** Cases that tell what 6.12 does; for one of them that was found where the page behind the bitmap could not be pinned. */
    static List<PublicCase> observed() throws IOException {
        return bitmaps().stream()
                .filter(each -> each.json().at("/expect/kernel_6_12_bits").isArray())
                .filter(each -> !each.id().equals("bug-overrun-off4092"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("bitmaps")
    void withoutDeviationsItIsWhatTheRulesSay(PublicCase each) {
        for (boolean windows : new boolean[] {true, false}) {
            Outcome outcome = new KernelModel(Set.of(), windows).of(each);
            assertEquals(each.bits(), outcome.bits());
            assertEquals(each.limitsPages() ? -Errno.EFAULT : 0, outcome.result());
            assertEquals(Set.of(), outcome.shown());
        }
    }

    @ParameterizedTest
    @MethodSource("observed")
    void withThoseOf612ItIsWhatWasObserved(PublicCase each) throws IOException {
        Set<String> listed = Deviation.all().stream()
                .filter(deviation -> deviation.isIn(LATEST))
                .map(Deviation::id)
                .collect(Collectors.toSet());
        BitSet observed = new BitSet();
        for (JsonNode run : each.json().at("/expect/kernel_6_12_bits")) {
            observed.set(run.path(0).asInt(), run.path(0).asInt() + run.path(1).asInt());
        }
        Outcome outcome = new KernelModel(listed, false).of(each);
        assertEquals(observed, outcome.bits());
        assertFalse(outcome.shown().isEmpty());
    }
}
