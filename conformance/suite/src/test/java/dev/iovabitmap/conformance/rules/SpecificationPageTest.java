package dev.iovabitmap.conformance.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The committed page is the generated one; {@code -Dspecification.write=true} writes it. */
class SpecificationPageTest {
    @Test
    void theCommittedPageIsTheGeneratedOne() throws IOException {
        Path page = root().resolve("docs/specification.md");
        String generated = SpecificationPage.of(RuleCatalogue.load());
        if (Boolean.getBoolean("specification.write")) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, generated);
        }
        assertEquals(
                generated,
                Files.readString(page),
                "docs/specification.md is old: run this test with -Dspecification.write=true");
    }

    @Test
    void thePageHasEveryRule() {
        String generated = SpecificationPage.of(RuleCatalogue.load());
        for (Rule rule : RuleCatalogue.load().rules()) {
            assertTrue(generated.contains("\n### " + rule.id() + "\n\n" + rule.text() + "\n"), rule.id());
        }
    }

    /** The directory with the license, above the module. */
    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("LICENSE"))) {
            directory = directory.getParent();
        }
        return directory;
    }
}
