package dev.iovabitmap.conformance.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.engine.SubjectCall.Owner;
import dev.iovabitmap.conformance.rules.set.SetTest;
import dev.iovabitmap.conformance.subject.InThread;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import dev.iovabitmap.spi.AbstractIovaBitmap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who has control, by stacks that are written here from the top, as dumps are. */
class SubjectCallTest {
    private static final StackTraceElement RUNNER = frame(SuiteRun.class.getName(), "run", 1);
    private static final StackTraceElement JUNIT = frame("org.junit.platform.Launcher", "execute", 1);
    private static final StackTraceElement TEST = frame(SetTest.class.getName(), "marks", 41);
    private static final StackTraceElement VENDOR = frame(Right.class.getName(), "allocate", 7);
    private static final StackTraceElement DEEP = frame("com.acme.Words", "or", 9);
    private static final StackTraceElement PARK = jdk("jdk.internal.misc.Unsafe", "park");

    private static StackTraceElement frame(String type, String method, int line) {
        return new StackTraceElement(type, method, "X.java", line);
    }

    private static StackTraceElement jdk(String type, String method) {
        return new StackTraceElement(null, "java.base", "25", type, method, "X.java", 3);
    }

    private static @Nullable SubjectCall of(StackTraceElement... stack) {
        return SubjectCall.of(stack, SubjectCallTest.class.getClassLoader());
    }

    private static SubjectCall inCall(StackTraceElement... stack) {
        SubjectCall call = of(stack);
        assertNotNull(call);
        return call;
    }

    @Test
    void theSuiteAlone() {
        assertNull(of(TEST, JUNIT, RUNNER));
        assertNull(of(PARK, TEST, JUNIT, RUNNER), "a test that waits");
        assertNull(of(PARK, JUNIT, RUNNER), "the engine between two tests");
        assertNull(of());
    }

    @Test
    void theSubjectOnTop() {
        SubjectCall call = inCall(VENDOR, TEST, JUNIT, RUNNER);
        assertTrue(call.inControl());
        assertEquals("IovaBitmapProvider.allocate of " + Right.class.getName(), call.innerName());
        assertEquals(call.outer(), call.inner());
        assertTrue(
                inCall(PARK, DEEP, VENDOR, JUNIT, TEST, RUNNER).inControl(),
                "engines may stand between, as assertThrows");
        assertEquals("com.acme.Words.or", inCall(DEEP, TEST, RUNNER).innerName());
    }

    @Test
    void theSuiteCalledBack() {
        StackTraceElement callback = frame(SetTest.class.getName(), "lambda$1", 43);
        SubjectCall call = inCall(callback, VENDOR, TEST, RUNNER);
        assertFalse(call.inControl());
        assertFalse(inCall(PARK, callback, VENDOR, TEST, RUNNER).inControl(), "a callback that waits");
        SubjectCall nested = inCall(DEEP, callback, VENDOR, TEST, RUNNER);
        assertTrue(nested.inControl());
        assertEquals("com.acme.Words.or", nested.innerName());
        assertEquals("IovaBitmapProvider.allocate of " + Right.class.getName(), nested.outerName());
        assertEquals(call.outer(), nested.outer());
        assertNotEquals(call.inner(), nested.inner());
    }

    @Test
    void threadsOfTheSubjectAreInNoCall() {
        StackTraceElement[] own = {PARK, DEEP, jdk("java.lang.Thread", "run")};
        assertNull(of(own));
        assertTrue(SubjectCall.isSubjectsOwn(own));
        assertFalse(SubjectCall.isSubjectsOwn(new StackTraceElement[] {VENDOR, TEST}));
        assertFalse(SubjectCall.isSubjectsOwn(new StackTraceElement[] {PARK, jdk("java.lang.Thread", "run")}));
    }

    @Test
    void aWorkerOfTheSuiteIsOneOfTheSuite() {
        StackTraceElement worker = frame(InThread.class.getName(), "lambda$run$0", 20);
        assertTrue(inCall(PARK, VENDOR, worker, jdk("java.lang.Thread", "run")).inControl());
    }

    @Test
    void callsAreNamedAsReadersKnowThem() {
        String hangs = Wrong.HangsInConstructor.class.getName();
        assertEquals(
                "the constructor of " + hangs,
                inCall(frame(hangs, "<init>", 1), jdk("java.lang.reflect.Constructor", "newInstance"), RUNNER)
                        .innerName());
        assertEquals(
                "the static initializer of " + hangs,
                inCall(frame(hangs, "<clinit>", 1), TEST).innerName());
        assertEquals(
                "IovaBitmap.setClipped of com.acme.Words",
                inCall(DEEP, frame(IovaBitmap.class.getName(), "setClipped", 5), TEST)
                        .innerName());
        assertEquals(
                "IovaBitmap.set of com.acme.Words",
                inCall(PARK, DEEP, frame(AbstractIovaBitmap.class.getName(), "set", 5), TEST)
                        .innerName());
        assertEquals(
                "IovaBitmap.setClipped",
                inCall(frame(IovaBitmap.class.getName(), "setClipped", 5), TEST).innerName());
        assertEquals(
                "com.acme.Gone.x?[31m",
                inCall(frame("com.acme.Gone", "x\u001b[31m", 1), TEST).innerName());
    }

    @Test
    void anotherLineIsAnotherCall() {
        StackTraceElement below = frame(SetTest.class.getName(), "marks", 42);
        assertNotEquals(inCall(VENDOR, TEST).outer(), inCall(VENDOR, below).outer());
        assertNotEquals(inCall(VENDOR, TEST).outer(), inCall(VENDOR, TEST, TEST).outer(), "recursion");
    }

    /** A package that moves would make the suite's own waiting the subject's. */
    @Test
    void allTestsAndTheEngineAreTheSuites() {
        Stream<Class<?>> suite = Stream.concat(
                TestCatalogue.CLASSES.stream(),
                Stream.of(SuiteRun.class, ChildMain.class, InThread.class, ProviderProbe.class));
        assertEquals(
                List.of(),
                suite.map(Class::getName)
                        .filter(type -> SubjectCall.ownerOf(frame(type, "x", 1)) != Owner.SUITE)
                        .toList());
        assertEquals(Owner.SUBJECT, SubjectCall.ownerOf(VENDOR));
        assertEquals(Owner.SUBJECT, SubjectCall.ownerOf(frame("dev.iovabitmap.heap.HeapIovaBitmap", "set", 1)));
        assertEquals(Owner.NEUTRAL, SubjectCall.ownerOf(jdk("com.sun.proxy.X", "x")));
    }
}
