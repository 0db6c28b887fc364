package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a failure says. */
class MessagesTest {
    @Test
    void aFailureShowsInputsAndWords() {
        String message = messages("B2").get("SetTest.marksThePagesOfUnalignedRanges[1]");
        assertEquals("""
                bit 1 is 0, not 1
                bitmap: iova 0x0, length 0x100000, page size 0x1000, 256 bits, data at offset 0 of a page
                operations: set(0x800, 0x1000)
                word 0, bit 1 of the word:
                  expected 0x000000000000000[3]
                  actual   0x000000000000000[1]""", message);
    }

    @Test
    void theSameSeedGivesTheSameMessages() {
        for (String fault : List.of("B2", "addresses-are-compared-signed")) {
            Map<String, String> first = messages(fault);
            assertEquals(first, messages(fault));
            assertTrue(first.size() > 1, () -> "few failures: " + first);
        }
    }

    private static Map<String, String> messages(String id) {
        Fault fault = Faults.all().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        Map<String, String> messages = new TreeMap<>();
        Trial.of(fault, Trial.tests(fault.features(), fault.rules()), 7)
                .failures()
                .forEach((test, failure) -> messages.put(test, String.valueOf(failure.getMessage())));
        return messages;
    }
}
