package dev.iovabitmap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.SampleBitmap;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvidersTest {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restoreTheClassLoader() {
        Thread.currentThread().setContextClassLoader(before);
    }

    @Test
    void findsAProviderByName(@TempDir Path dir) throws IOException {
        register(dir, Works.class, Unavailable.class);
        assertEquals(
                Works.class.getName(),
                IovaBitmapProvider.named("works").getClass().getName());
        assertEquals(2, IovaBitmapProvider.all().size());
    }

    @Test
    void saysWhatThereIsWhenAskedForAnother(@TempDir Path dir) throws IOException {
        register(dir, Works.class, Unavailable.class);
        var miss = assertThrows(IllegalArgumentException.class, () -> IovaBitmapProvider.named("wroks"));
        assertEquals(
                "no provider is named 'wroks'; found: works, unavailable (unavailable: there is no device)",
                miss.getMessage());
    }

    @Test
    void saysThatThereIsNone(@TempDir Path dir) throws IOException {
        register(dir);
        var miss = assertThrows(IllegalArgumentException.class, () -> IovaBitmapProvider.named("heap"));
        assertEquals("no provider is named 'heap'; found: none", miss.getMessage());
    }

    @Test
    void findsAProviderBesideABrokenOne(@TempDir Path dir) throws IOException {
        register(dir, Throws.class, Nameless.class, ThrowsWhenAskedForItsName.class, NeverSays.class, Works.class);
        assertEquals(
                Works.class.getName(),
                IovaBitmapProvider.named("works").getClass().getName());
        var miss = assertThrows(IllegalArgumentException.class, () -> IovaBitmapProvider.named("other"));
        assertTrue(miss.getMessage().contains("one that cannot be used ("), miss::getMessage);
        assertTrue(miss.getMessage().contains("one that cannot be used (no name today)"), miss::getMessage);
        assertTrue(
                miss.getMessage().contains("NeverSays (it does not say whether it is available: not a word)"),
                miss::getMessage);
        assertThrows(ServiceConfigurationError.class, IovaBitmapProvider::all);
    }

    @Test
    void refusesANameThatTwoHave(@TempDir Path dir) throws IOException {
        register(dir, Works.class, Namesake.class);
        var refusal = assertThrows(IllegalStateException.class, () -> IovaBitmapProvider.named("works"));
        assertTrue(
                refusal.getMessage().contains(Works.class.getName())
                        && refusal.getMessage().contains(Namesake.class.getName()),
                refusal::getMessage);
    }

    @Test
    void knowsTheVersionOfAModule() {
        assertEquals(Runtime.version().toString().split("\\+", 2)[0], Providers.versionOf(Object.class));
    }

    @Test
    void knowsNoVersionOfAClassDirectory(@TempDir Path dir) throws Exception {
        assertEquals(
                "unknown", Providers.versionOf(new OfTheUnnamedModule(dir, before).loadClass(Alone.class.getName())));
    }

    static class Alone {}

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 8, 4095})
    void allocatesZeroedNativeDataAtAnOffset(long pageOffset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = new Works().allocateData(24, pageOffset, arena);
            assertTrue(data.isNative());
            assertEquals(24, data.byteSize());
            assertEquals(pageOffset, data.address() % 4096);
            assertEquals(-1, data.mismatch(MemorySegment.ofArray(new byte[24])));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 4096, Long.MIN_VALUE})
    void refusesAnOffsetOutsideAPage(long pageOffset) {
        assertThrows(IllegalArgumentException.class, () -> new Works().allocateData(24, pageOffset, Arena.ofAuto()));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE})
    void refusesASizeThatIsNone(long byteSize) {
        assertThrows(IllegalArgumentException.class, () -> new Works().allocateData(byteSize, 0, Arena.ofAuto()));
    }

    @Test
    void hasNoHardwareByDefault() {
        assertEquals(Optional.empty(), new Works().hardware(Map.of()));
    }

    @Test
    void availabilityNeedsAReason() {
        assertTrue(Availability.AVAILABLE.isAvailable());
        assertEquals("available", Availability.AVAILABLE.toString());
        Availability not = Availability.unavailable("no device");
        assertFalse(not.isAvailable());
        assertEquals("no device", not.reason());
        assertThrows(IllegalArgumentException.class, () -> Availability.unavailable(" "));
        assertThrows(NullPointerException.class, () -> Availability.unavailable(null));
    }

    /** Makes the given providers the only ones that are found. */
    private void register(Path dir, Class<?>... providers) throws IOException {
        Path file = dir.resolve("META-INF/services/" + IovaBitmapProvider.class.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, Stream.of(providers).map(Class::getName).toList());
        Thread.currentThread().setContextClassLoader(new OfTheUnnamedModule(dir, before));
    }

    /** A class of a named module is never a provider by a services file, so the classes here are defined once more. */
    private static final class OfTheUnnamedModule extends URLClassLoader {
        OfTheUnnamedModule(Path dir, ClassLoader parent) throws IOException {
            super(new URL[] {dir.toUri().toURL()}, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null || !name.startsWith(ProvidersTest.class.getName() + "$")) {
                return loaded != null ? loaded : super.loadClass(name, resolve);
            }
            try (InputStream in =
                    ProvidersTest.class.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    public static class Works implements IovaBitmapProvider {
        @Override
        public String name() {
            return "works";
        }

        @Override
        public Set<Feature> features() {
            return Set.of();
        }

        @Override
        public Availability availability() {
            return Availability.AVAILABLE;
        }

        @Override
        public IovaBitmap allocate(long iova, long length, long pageSize, MemorySegment data) {
            return new SampleBitmap(new IovaBitmapLayout(iova, length, pageSize), data);
        }
    }

    public static final class Namesake extends Works {}

    public static final class Unavailable extends Works {
        @Override
        public String name() {
            return "unavailable";
        }

        @Override
        public Availability availability() {
            return Availability.unavailable("there is no device");
        }
    }

    public static final class Nameless extends Works {
        @Override
        public String name() {
            return null;
        }
    }

    public static final class ThrowsWhenAskedForItsName extends Works {
        @Override
        public String name() {
            throw new IllegalStateException("no name today");
        }
    }

    public static final class NeverSays extends Works {
        @Override
        public String name() {
            return "never-says";
        }

        @Override
        public Availability availability() {
            throw new IllegalStateException("not a word");
        }
    }

    public static final class Throws extends Works {
        public Throws() {
            throw new IllegalStateException("broken");
        }
    }
}
