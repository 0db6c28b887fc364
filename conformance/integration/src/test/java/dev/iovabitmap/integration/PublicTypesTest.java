package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.ffm.FfmProvider;
import dev.iovabitmap.heap.HeapProvider;
import dev.iovabitmap.vfio.VfioProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users compile against, compared with what is stored: the public and protected members of the exported packages, as javap
 * prints them. {@code -Dpublic-types.write=true} stores what is there now; docs/releasing.md says when that is right.
 */
class PublicTypesTest {
    private static final Path STORED = Path.of("src/test/resources/public-types");

    @ParameterizedTest
    @ValueSource(
            classes = {
                IovaBitmap.class,
                HeapProvider.class,
                FfmProvider.class,
                VfioProvider.class,
                IovaBitmapConformance.class
            })
    void areThoseThatAreStored(Class<?> oneOfTheModule) throws IOException, URISyntaxException {
        Path artefact = Path.of(oneOfTheModule
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        ModuleReference module = ModuleFinder.of(artefact).findAll().iterator().next();
        Path stored = STORED.resolve(module.descriptor().name() + ".txt");
        String types = types(artefact, module);
        if (Boolean.getBoolean("public-types.write")) {
            Files.createDirectories(STORED);
            Files.writeString(stored, types);
        }
        assertEquals(
                Files.readString(stored),
                types,
                () -> stored + " differs from the public types of "
                        + module.descriptor().name()
                        + "; if that is meant, run this test with -Dpublic-types.write=true and review the difference");
    }

    private static String types(Path artefact, ModuleReference module) throws IOException {
        Set<String> exported = module.descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        List<String> names;
        try (ModuleReader reader = module.open();
                Stream<String> files = reader.list()) {
            names = files.filter(file -> file.endsWith(".class") && file.contains("/"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
                    .filter(name -> !name.endsWith(".package-info"))
                    .sorted()
                    .toList();
        }
        Map<String, List<String>> printed = new TreeMap<>();
        for (String name : names) {
            printed.put(name, javap(artefact, name));
        }
        // a type that is not public lends its public members to those that extend it
        Deque<String> promised = new ArrayDeque<>(names.stream()
                .filter(name -> printed.get(name).getFirst().matches("(public|protected) .*"))
                .toList());
        Set<String> seen = new TreeSet<>();
        while (!promised.isEmpty()) {
            String name = promised.remove();
            if (seen.add(name)) {
                for (String word : printed.get(name).getFirst().split("[ ,<>]+")) {
                    if (printed.containsKey(word)) {
                        promised.add(word);
                    }
                }
            }
        }
        assertFalse(seen.isEmpty());
        StringBuilder types = new StringBuilder();
        for (String name : seen) {
            List<String> lines = printed.get(name);
            types.append(lines.getFirst()).append('\n');
            // the order of members is not part of what is promised
            lines.subList(1, lines.size() - 1).stream()
                    .sorted()
                    .forEach(line -> types.append(line).append('\n'));
            types.append("}\n");
        }
        return types.toString();
    }

    private static List<String> javap(Path artefact, String name) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        int exit = ToolProvider.findFirst("javap")
                .orElseThrow()
                .run(writer, writer, "-protected", "-constants", "-cp", artefact.toString(), name);
        assertEquals(0, exit, out::toString);
        return out.toString()
                .lines()
                .filter(line -> !line.startsWith("Compiled from"))
                .toList();
    }
}
