package dev.iovabitmap.conformance;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.vendor.Right;
import dev.iovabitmap.conformance.vendor.Wrong;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The vendor's other way: a class to extend. Same tests, same verdict, same report. */
class IovaBitmapConformanceTest {
    private static final List<String> PROPERTIES =
            List.of("iova-bitmap.seed", "iova-bitmap.replay", "iova-bitmap.waivers", "iova-bitmap.today");

    @TempDir
    static Path reports;

    private final Map<String, TestExecutionResult> results = new TreeMap<>();

    /** What a vendor writes. */
    static class RightConformance extends IovaBitmapConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new Right();
        }

        @Override
        protected Path reportDirectory() {
            return reports.resolve(getClass().getSimpleName());
        }
    }

    static final class WrongConformance extends RightConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new Wrong.AcceptsLengthZero();
        }
    }

    static final class ThrowingConformance extends RightConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new Wrong.ThrowsInFeatures();
        }
    }

    static final class NamelessConformance extends RightConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new Wrong.ThrowsInName();
        }
    }

    static final class BadNameConformance extends RightConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new Wrong.ClimbingName();
        }
    }

    @BeforeEach
    @AfterEach
    void clearProperties() {
        PROPERTIES.forEach(System::clearProperty);
    }

    @Test
    void rightProviderPassesRuleByRule() throws IOException {
        System.setProperty("iova-bitmap.seed", "18446744073709551615");
        run(RightConformance.class);
        assertEquals(Status.SUCCESSFUL, result("verdict").getStatus(), () -> messageOf("verdict"));
        assertTrue(results.size() > 10, results::toString);
        assertFalse(results.values().stream().anyMatch(result -> result.getStatus() == Status.FAILED));
        String report = Files.readString(reports.resolve("RightConformance/right/report.json"));
        assertAll(
                () -> assertTrue(report.contains("\"verdict\" : \"CERTIFIED\"")),
                () -> assertTrue(report.contains("\"seed\" : 18446744073709551615")));
    }

    @Test
    void wrongProviderFailsWithTheWholeMessageAndReplays() throws IOException {
        run(WrongConformance.class);
        assertEquals(Status.FAILED, result("verdict").getStatus());
        String failed = results.entrySet().stream()
                .filter(entry -> entry.getValue().getStatus() == Status.FAILED)
                .map(Map.Entry::getKey)
                .filter(name -> !name.equals("verdict"))
                .findFirst()
                .orElseThrow();
        String message = messageOf(failed);
        assertTrue(message.startsWith("ALLOC-1 (MUST): "), message);
        String option = "'-Diova-bitmap.replay=";
        String type = WrongConformance.class.getName();
        assertTrue(message.contains("replay: mvn test '-Dtest=" + type + "#conformance' " + option), message);
        String token = message.substring(message.indexOf(option) + option.length(), message.lastIndexOf('\''));

        Files.delete(reports.resolve("WrongConformance/right/report.json"));
        System.setProperty("iova-bitmap.replay", token);
        run(WrongConformance.class);
        assertEquals(1, results.size(), results::toString);
        assertTrue(messageOf(token).endsWith(message.substring(message.indexOf("seed "))), () -> messageOf(token));
        assertFalse(Files.exists(reports.resolve("WrongConformance/right/report.json")));

        run(RightConformance.class);
        assertEquals(Status.SUCCESSFUL, result(token).getStatus());
    }

    @Test
    void aWaivedFailureIsSkippedAndTheVerdictSaysSo() throws IOException {
        Path file = Files.writeString(
                reports.resolve("waivers.json"),
                "{\"schema\": \"https://iovabitmap.dev/schema/waivers-1.json\", \"waivers\": ["
                        + Stream.of("ALLOC-1", "ALLOC-2", "ALLOC-3", "ALLOC-5")
                                .map(rule -> """
                                        {"owner": "Jo", "rule": "%s", "subject": {"provider": "right", "version": "1.2.3"},
                                         "reason": "mended soon", "url": "https://acme.example/42", "expires": "2027-02-28"}
                                        """.formatted(rule))
                                .collect(Collectors.joining(","))
                        + "]}");
        System.setProperty("iova-bitmap.waivers", file.toString());
        System.setProperty("iova-bitmap.today", "2027-02-28");
        run(WrongConformance.class);
        assertEquals(Status.SUCCESSFUL, result("verdict").getStatus(), () -> messageOf("verdict"));
        assertEquals(Status.ABORTED, result("AllocTest.refusesLengthZero").getStatus());
        assertTrue(messageOf("AllocTest.refusesLengthZero").startsWith("ALLOC-1 (MUST)"));
        assertFalse(results.values().stream().anyMatch(result -> result.getStatus() == Status.FAILED));
        String report = Files.readString(reports.resolve("WrongConformance/right/report.json"));
        assertTrue(report.contains("\"verdict\" : \"CERTIFIED_WITH_WAIVERS\""), report);
        assertTrue(report.contains("\"date\" : \"2027-02-28\""), report);

        System.setProperty("iova-bitmap.today", "2027-03-01");
        run(WrongConformance.class);
        assertTrue(messageOf("conformance()").contains("it expired on 2027-02-28"), results::toString);
        System.setProperty("iova-bitmap.today", "tomorrow");
        run(WrongConformance.class);
        assertTrue(messageOf("conformance()").contains("'tomorrow' is no date"), results::toString);
        System.clearProperty("iova-bitmap.today");
        System.setProperty("iova-bitmap.waivers", "gone.json");
        run(WrongConformance.class);
        assertTrue(messageOf("conformance()").contains("'gone.json' cannot be read"), results::toString);
    }

    @Test
    void providerThatAnswersBadlyFails() {
        run(ThrowingConformance.class);
        assertTrue(messageOf("verdict").contains("features() of class"), () -> messageOf("verdict"));
        run(NamelessConformance.class);
        assertTrue(messageOf("verdict").contains("no luck"), () -> messageOf("verdict"));
        assertTrue(Files.exists(reports.resolve("NamelessConformance")
                .resolve(ReportDirectory.nameOf(Wrong.ThrowsInName.class.getName()))));
        run(BadNameConformance.class);
        assertTrue(messageOf("verdict").contains("'../x'"), () -> messageOf("verdict"));
        assertFalse(Files.exists(reports.resolve("BadNameConformance")));
    }

    @Test
    void seedThatIsNoneIsNamed() {
        System.setProperty("iova-bitmap.seed", "18446744073709551616");
        run(RightConformance.class);
        assertTrue(messageOf("conformance()").contains("'18446744073709551616'"), results::toString);
    }

    private TestExecutionResult result(String name) {
        TestExecutionResult result = results.get(name);
        assertTrue(result != null, () -> name + " is not among " + results.keySet());
        return result;
    }

    private String messageOf(String name) {
        return result(name).getThrowable().map(Throwable::getMessage).orElse("");
    }

    private void run(Class<?> type) {
        results.clear();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectClass(type))
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                if (test.isTest() || result.getStatus() == Status.FAILED) {
                                    results.put(test.getDisplayName(), result);
                                }
                            }
                        });
    }
}
