package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The workflows of CI: well formed, with no more rights than they need, and no code of strangers on our hardware. */
class WorkflowsTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Path WORKFLOWS = ROOT.resolve(".github/workflows");
    private static final Set<String> OF_A_JOB = Set.of(
            "if",
            "runs-on",
            "environment",
            "timeout-minutes",
            "concurrency",
            "defaults",
            "env",
            "steps",
            "container",
            "strategy");
    private static final Set<String> OF_A_STEP = Set.of("name", "uses", "with", "run", "if", "env");

    static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.sorted().toList();
        }
    }

    private static JsonNode read(Path file) throws IOException {
        YAMLMapper mapper = YAMLMapper.builder()
                .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS) // the key "on"
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return mapper.readTree(Files.readString(file));
    }

    private static List<String> keys(JsonNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    @Test
    void areThere() throws IOException {
        assertEquals(
                List.of("build.yml", "hardware.yml", "nightly.yml"),
                workflows().stream().map(file -> file.getFileName().toString()).toList());
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void areWellFormedAndMayOnlyRead(Path file) throws IOException {
        JsonNode workflow = read(file);
        assertAll(
                () -> assertTrue(workflow.hasNonNull("name")),
                () -> assertTrue(workflow.hasNonNull("on")),
                () -> assertEquals(
                        "{\"contents\":\"read\"}", workflow.at("/permissions").toString()),
                () -> assertFalse(workflow.at("/on").has("pull_request_target"), "runs with the rights of the base"),
                () -> assertFalse(Files.readString(file).contains("secrets."), "needs none"));
        for (JsonNode job : workflow.get("jobs")) {
            assertTrue(OF_A_JOB.containsAll(keys(job)), () -> keys(job).toString());
            assertTrue(job.at("/timeout-minutes").isInt(), job::toString);
            assertTrue(job.at("/steps").size() > 0, job::toString);
            for (JsonNode step : job.get("steps")) {
                assertTrue(OF_A_STEP.containsAll(keys(step)), () -> keys(step).toString());
                assertTrue(step.has("run") ^ step.has("uses"), step::toString);
                checkAction(step);
                // what stands in an expression becomes part of the script; a variable does not
                assertFalse(step.path("run").asText().contains("${{"), step::toString);
            }
        }
    }

    private static void checkAction(JsonNode step) {
        String action = step.path("uses").asText();
        if (!action.isEmpty()) {
            assertTrue(action.matches("actions/[a-z-]+@[0-9a-f]{40}"), action);
        }
        if (action.startsWith("actions/checkout@")) {
            assertEquals("false", step.at("/with/persist-credentials").asText(), "the token stays out of the tree");
        }
    }

    @ParameterizedTest
    @MethodSource("workflows")
    void ourMachinesRefuseForks(Path file) throws IOException {
        for (JsonNode job : read(file).get("jobs")) {
            if (!job.get("runs-on").toString().contains("self-hosted")) {
                continue;
            }
            String condition = job.path("if").asText();
            assertAll(
                    () -> assertTrue(
                            condition.contains("github.event.pull_request.head.repo.full_name == github.repository"),
                            condition),
                    () -> assertEquals("hardware", job.at("/environment").asText()),
                    () -> assertEquals("hardware", job.at("/concurrency/group").asText()),
                    () -> assertEquals(
                            "false", job.at("/concurrency/cancel-in-progress").asText()),
                    () -> assertTrue(job.toString().contains("--required"), "a skip would look like a pass"),
                    () -> assertTrue(job.toString().contains("actions/upload-artifact@")));
        }
    }

    @Test
    void theyCallWhatIsThere() throws IOException {
        for (Path file : workflows()) {
            for (String word : Files.readString(file).split("\\s+", -1)) {
                // what a build makes is not there yet
                if (word.matches("(\\./|\\.github/|conformance/)[a-z/-]+")
                        && !word.startsWith(".github/workflows")
                        && !word.contains("/target/")) {
                    assertTrue(Files.isExecutable(ROOT.resolve(word)), file + ": " + word);
                }
            }
        }
    }
}
