package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void textDoesNotVaryFromRunToRun() {
        try (Arena arena = Arena.ofConfined()) {
            Object first = new Object();
            Object second = new Object();
            assertNotEquals(first.toString(), second.toString());
            assertEquals(text(first), text(second));
            assertEquals(text(arena.allocate(8)), text(arena.allocate(8)));
            Runnable lambda = () -> {};
            assertFalse(text(lambda).matches("(?s).*0x[0-9a-f]{6,}.*"), text(lambda));
        }
    }

    private static String text(Object shown) {
        return Failures.textOf(new IllegalStateException("about " + shown));
    }

    @Test
    void wordsOfAFailureStayAsTheyAre() {
        String words = "expected 0xffffffffffffffff at iova 0x1000 of SetTest.cases[3]@42";
        assertEquals(words.replace("@42", "@(varies)"), Failures.textOf(new AssertionError(words)));
    }

    @Test
    void linkageAndJvmErrorsOfTheProviderAreErrors() {
        assertEquals(Status.PASS, Failures.statusOf(null));
        assertEquals(Status.FAIL, Failures.statusOf(new AssertionError("x")));
        assertEquals(Status.FAIL, Failures.statusOf(new RuntimeException("x")));
        assertEquals(Status.ERROR, Failures.statusOf(new NoSuchMethodError("x")));
        assertEquals(Status.ERROR, Failures.statusOf(new StackOverflowError()));
        assertEquals(
                Status.ERROR,
                Failures.statusOf(new AssertionError("a check of the suite", new AbstractMethodError("y"))));
    }

    @Test
    void errorThatTheProviderWrapsIsAFailure() {
        LinkageError planted = new LinkageError("thrown by a callback of the suite");
        AssertionError ofTheProvider = new AssertionError(planted);
        ofTheProvider.setStackTrace(
                new StackTraceElement[] {new StackTraceElement("com.acme.AcmeBitmap", "forEach", "AcmeBitmap.java", 1)
                });
        assertEquals(Status.FAIL, Failures.statusOf(new RuntimeException(planted)));
        assertEquals(Status.FAIL, Failures.statusOf(new AssertionError("x", new RuntimeException(planted))));
        assertEquals(Status.FAIL, Failures.statusOf(ofTheProvider));
    }

    @Test
    void exceptionThatCannotEvenSpeakIsShown() {
        String text = Failures.textOf(new RuntimeException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        });
        assertTrue(text.contains("its getMessage() threw java.lang.IllegalStateException"), text);
    }

    @Test
    void endlessMessageIsCut() {
        assertTrue(Failures.textOf(new AssertionError("x".repeat(1_000_000))).length() < 30_000);
    }
}
