package dev.iovabitmap.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that a failed build ends with. */
class RunAgainListenerTest {
    @TempDir
    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        Files.createDirectories(root.resolve(".mvn"));
    }

    private String command(String... tests) {
        return RunAgainListener.command(root.resolve("conformance/suite"), new TreeSet<>(List.of(tests)));
    }

    @Test
    void runsTheTestsThatFailed() {
        assertEquals(
                "mvn verify -pl conformance/suite -am -Dtest='ATest#a,BTest' -Dsurefire.failIfNoSpecifiedTests=false",
                command("BTest", "ATest#a"));
    }

    @Test
    void runsIntegrationTestsInTheirPhase() {
        assertEquals(
                "mvn verify -pl conformance/suite -am -Dtest=None -Dit.test='AnIT#a'"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false",
                command("AnIT#a"));
    }
}
