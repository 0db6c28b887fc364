package dev.iovabitmap.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Stream;

/** Says what a run was made on. */
final class Machine {
    private Machine() {}

    static void describe(Path file, String steadiness) throws IOException {
        ObjectNode machine = new JsonMapper().createObjectNode();
        machine.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        machine.put(
                "processor", line("/proc/cpuinfo", "model name") + ", " + line("/proc/cpuinfo", "cache size") + " L2");
        machine.put(
                "cores",
                "pinned to " + line("/proc/self/status", "Cpus_allowed_list") + " of "
                        + line("/sys/devices/system/cpu/online", "")
                        + "; load average at the end, others' work included: "
                        + line("/proc/loadavg", "").replaceFirst(" \\S+/.*", ""));
        machine.put("memory", line("/proc/meminfo", "MemTotal"));
        machine.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch")
                        + (line("/proc/cpuinfo", "flags").contains("hypervisor") ? ", a virtual machine" : ""));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put("steadiness", steadiness);
        new JsonMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), machine);
    }

    private static String line(String file, String name) throws IOException {
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            return "unknown";
        }
        try (Stream<String> lines = Files.lines(path)) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        }
    }
}
