package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in README, as it stands there, against a guest whose copy has to be equal. */
class ReadmeTest {
    private static final long SEED = 20_261_127;
    private static final long BASE = 4L << 30;
    private static final int PAGE = 4096;
    private static final int PAGES = 1 << 20;

    @TempDir
    private Path directory;

    /** A page's content is how often it was written. */
    private final int[] guest = new int[PAGES];

    private final int[] copy = new int[PAGES];
    private final TreeSet<Integer> written = new TreeSet<>();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private boolean stopped;

    @Test
    void theCopyIsTheGuest() throws Exception {
        Arrays.setAll(guest, page -> 1 + page % 7);
        Class<?> program = compile("PreCopy");
        Class<?> tracker = Class.forName("PreCopy$Tracker", true, program.getClassLoader());
        Class<?> target = Class.forName("PreCopy$Target", true, program.getClassLoader());
        Method migrate = program.getDeclaredMethod("migrate", tracker, target, Runnable.class);
        migrate.setAccessible(true);
        migrate.invoke(
                null,
                implement(tracker, arguments -> report((Long) arguments[0], (Long) arguments[1], arguments[2])),
                implement(target, arguments -> copy((Long) arguments[0], (Long) arguments[1])),
                (Runnable) () -> stopped = true);
        assertTrue(stopped);
        assertArrayEquals(guest, copy, "seed " + SEED);
    }

    private void report(long iova, long length, Object sink) throws ReflectiveOperationException {
        guestRuns();
        Method sinks = sink.getClass().getInterfaces()[0].getDeclaredMethod("written", long.class, long.class);
        sinks.setAccessible(true);
        int first = pageOf(iova);
        int end = pageOf(iova + length);
        for (int page : List.copyOf(written.subSet(first, end))) {
            sinks.invoke(sink, BASE + (long) page * PAGE, PAGE);
            written.remove(page);
        }
    }

    private void copy(long iova, long length) {
        guestRuns();
        for (int page = pageOf(iova); page < pageOf(iova + length); page++) {
            copy[page] = guest[page];
        }
    }

    /** Writes some pages, some of them again and again, until it is stopped. */
    private void guestRuns() {
        for (int i = 0; i < 20 && !stopped; i++) {
            int page = random.nextBoolean() ? random.nextInt(64) : random.nextInt(PAGES);
            guest[page]++;
            written.add(page);
        }
    }

    private static int pageOf(long iova) {
        return Math.toIntExact((iova - BASE) / PAGE);
    }

    private interface Body {
        void run(Object[] arguments) throws ReflectiveOperationException;
    }

    private static Object implement(Class<?> type, Body body) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
            try {
                body.run(arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return null;
        });
    }

    private Class<?> compile(String name) throws Exception {
        String readme = Files.readString(Path.of("../../README.md"));
        Matcher program = Pattern.compile("(?s)```java\\n((?:(?!```).)*class " + name + " .*?)```")
                .matcher(readme);
        assertTrue(program.find(), "README has no " + name);
        Path source = Files.writeString(directory.resolve(name + ".java"), program.group(1));
        List<String> options =
                new ArrayList<>(List.of("-Xlint:all", "-Werror", "-proc:none", "-d", directory.toString(), "-cp"));
        options.add(System.getProperty("java.class.path"));
        options.add(source.toString());
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(String[]::new)));
        URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, ReadmeTest.class.getClassLoader());
        return Class.forName(name, true, loader);
    }
}
