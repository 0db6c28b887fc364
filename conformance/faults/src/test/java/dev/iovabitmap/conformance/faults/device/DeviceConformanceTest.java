package dev.iovabitmap.conformance.faults.device;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.IovaBitmapConformance;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A class that a vendor with a device writes. */
class DeviceConformanceTest {
    @TempDir
    static Path reports;

    private final Map<String, TestExecutionResult> results = new TreeMap<>();

    static class Simulated extends IovaBitmapConformance {
        @Override
        protected IovaBitmapProvider provider() {
            return new DeviceProvider();
        }

        @Override
        protected Path reportDirectory() {
            return reports;
        }

        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("tier", "simulated", "transport", "log");
        }
    }

    static final class NoTier extends Simulated {
        @Override
        protected Map<String, String> hardwareOptions() {
            return Map.of("transport", "log");
        }
    }

    @AfterEach
    void clear() {
        System.clearProperty("iova-bitmap.replay");
    }

    @Test
    void aDeviceIsCertifiedAtItsTier() throws IOException {
        run(Simulated.class);
        assertEquals(Status.SUCCESSFUL, result("verdict").getStatus(), () -> messageOf("verdict"));
        assertEquals(Status.SUCCESSFUL, result("SupersetTest.bitmapsAnywhere").getStatus());
        String report = Files.readString(reports.resolve("model-log/report.json"));
        assertAll(
                () -> assertTrue(report.contains("\"tier\" : \"simulated\"")),
                () -> assertTrue(report.contains("\"transport\" : \"log\"")));
        String token = "SupersetTest.bitmapsAnywhere[2]@9/simulated/log";
        System.setProperty("iova-bitmap.replay", token);
        run(Simulated.class);
        assertEquals(Status.SUCCESSFUL, result(token).getStatus(), () -> messageOf(token));
    }

    @Test
    void aTransportWithoutATierIsRefused() {
        run(NoTier.class);
        assertTrue(messageOf("conformance()").contains("names a device but no tier"), results::toString);
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
