package dev.iovabitmap.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Certifies a real device with its vendor's provider. Without a device it is skipped, and says so; profile {@code hardware}
 * makes that a failure.
 */
class HardwareIT {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final String PREFIX = "iova-bitmap.hardware.";

    private final boolean required = Boolean.getBoolean(PREFIX + "required");
    private final String device = System.getProperty(PREFIX + "device", "");
    private final String provider = System.getProperty(PREFIX + "provider", "");
    private final Path out = Path.of("target", "hardware").toAbsolutePath();

    @Test
    void theDeviceIsCertified() throws Exception {
        if (device.isEmpty() || provider.isEmpty()) {
            absent("no device was named; give -D" + PREFIX + "device=DEVICE -D" + PREFIX + "provider=CLASS -D" + PREFIX
                    + "class-path=PATH");
        }
        assertEquals(0, certify("--tier", "simulated"), "the simulated certificate that the other one rests on");
        List<String> hardware = new ArrayList<>(List.of("--tier", "hardware", "--device", device));
        if (required) {
            hardware.add("--required");
        }
        int exit = certify(hardware.toArray(String[]::new));
        if (exit != 0 && log().contains("a skip, not a pass")) {
            absent(log());
        }
        assertEquals(0, exit, this::log);
    }

    private void absent(String reason) {
        if (required) {
            fail(reason);
        }
        abort(reason);
    }

    private int certify(String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ROOT.resolve("iova-bitmap").toString(),
                "certify",
                "--provider",
                provider,
                "--class-path",
                System.getProperty(PREFIX + "class-path", ""),
                "--out",
                out.toString()));
        String transport = System.getProperty(PREFIX + "transport", "");
        if (!transport.isEmpty()) {
            command.addAll(List.of("--transport", transport));
        }
        command.addAll(List.of(more));
        Files.createDirectories(out);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.resolve("log.txt").toFile());
        Map<String, String> environment = builder.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.keySet().removeIf(name -> name.equals("JAVA_TOOL_OPTIONS") || name.equals("_JAVA_OPTIONS"));
        return builder.start().waitFor();
    }

    private String log() {
        try {
            return Files.readString(out.resolve("log.txt"));
        } catch (IOException unreadable) {
            return "no log: " + unreadable.getMessage();
        }
    }
}
