package dev.iovabitmap.conformance.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Description;
import dev.iovabitmap.conformance.engine.MadeUpRun;
import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.files.BoundedFile;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.report.Sums;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.spi.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a certificate at tier kernel or hardware rests on. */
class SimulatedReportTest {
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);
    private static final Function<String, Status> ALL_PASS = test -> Status.PASS;
    private static final String SUBJECT = "acme-log";
    private static final Function<String, Status> ONE_FAILS =
            test -> test.equals("AllocTest.refusesLengthZero") ? Status.FAIL : Status.PASS;

    @TempDir
    Path here;

    private Path reports = Path.of("");
    private Path jar = Path.of("");

    @BeforeEach
    void certify() throws IOException {
        reports = Files.createDirectories(here.resolve("reports"));
        jar = Files.writeString(here.resolve("acme.jar"), "a jar");
        write(order(Tier.SIMULATED, "log"), acme("acme", "Acme", jar), ALL_PASS, List.of());
    }

    private static Order order(Tier tier, String transport) {
        return Order.certify(tier, tier == Tier.MEMORY ? Map.of() : Map.of("transport", transport), 1);
    }

    private static Description acme(String name, String type, Path jar) {
        return new Description(name, "1", type, jar.toString(), Set.of(Feature.HARDWARE), null, List.of("variant"));
    }

    /** Whatever was run, the report is where that of acme's log belongs. */
    private void write(Order order, Description who, Function<String, Status> status, List<Waiver> waivers)
            throws IOException {
        Description what = order.tier() == Tier.MEMORY
                ? new Description(who.name(), "1", who.provider(), who.location(), who.features(), null)
                : who;
        Runner.Result result = MadeUpRun.of(order, what, status);
        Judgement judgement =
                Judgement.of(CATALOGUE, order, result.record(), token -> token).waive(CATALOGUE, waivers);
        String simulated = order.tier().needsSimulated() ? "5".repeat(64) : null;
        Reports.write(
                ReportDirectory.prepare(reports, SUBJECT),
                CATALOGUE,
                order,
                what.provider(),
                result,
                new Reports.Waived(judgement, waivers, TODAY),
                simulated);
    }

    private SimulatedReport look(Path where, Tier tier) throws IOException {
        return SimulatedReport.of(where, Trust.here(Set.of(), TODAY), order(tier, "log"), acme("acme", "Acme", jar));
    }

    private void refused(String why) throws IOException {
        SimulatedReport none = look(reports, Tier.KERNEL);
        assertNull(none.sha256());
        String problem = String.valueOf(none.problem());
        assertTrue(
                problem.startsWith("a certificate at tier kernel needs a CERTIFIED report of the same jar"), problem);
        assertTrue(problem.contains(why), problem);
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "HARDWARE"})
    void isFoundAmongReportsAndByItsOwnDirectory(Tier tier) throws IOException {
        for (Path where : new Path[] {reports, reports.resolve(SUBJECT)}) {
            SimulatedReport found = look(where, tier);
            assertNull(found.problem());
            assertEquals(
                    BoundedFile.sha256(
                            Files.readAllBytes(reports.resolve(SUBJECT).resolve("report.json"))),
                    found.sha256());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "SIMULATED"})
    void isNotNeededBelow(Tier tier) throws IOException {
        assertEquals(new SimulatedReport(null, null), look(here.resolve("nowhere"), tier));
    }

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "KERNEL", "HARDWARE"})
    void ofAnotherTierIsNone(Tier tier) throws IOException {
        write(order(tier, "log"), acme("acme", "Acme", jar), ALL_PASS, List.of());
        refused("tier is '" + tier + "', not 'simulated'");
    }

    @Test
    void ofAnotherTransportOrProviderIsNone() throws IOException {
        write(order(Tier.SIMULATED, "type1"), acme("acme", "Acme", jar), ALL_PASS, List.of());
        refused("transport is 'type1', not 'log'");
        write(order(Tier.SIMULATED, "log"), acme("other", "Acme", jar), ALL_PASS, List.of());
        refused("subject.provider is 'other', not 'acme'");
        write(order(Tier.SIMULATED, "log"), acme("acme", "Other", jar), ALL_PASS, List.of());
        refused("subject.class is 'Other', not 'Acme'");
        Path other = Files.writeString(here.resolve("other.jar"), "another jar");
        write(order(Tier.SIMULATED, "log"), acme("acme", "Acme", other), ALL_PASS, List.of());
        refused("subject.sha256 is '");
    }

    @Test
    void thatIsNotCertifiedIsNone() throws IOException {
        write(order(Tier.SIMULATED, "log"), acme("acme", "Acme", jar), ONE_FAILS, List.of());
        refused("verdict is 'NOT_CERTIFIED', not 'CERTIFIED'");
        List<Waiver> waivers = Stream.of("ALLOC-1", "ALLOC-5")
                .map(rule -> new Waiver(
                        "Jo", rule, new Waiver.Subject("acme", "1"), "soon", "https://acme.example/1", "2026-12-31"))
                .toList();
        write(order(Tier.SIMULATED, "log"), acme("acme", "Acme", jar), ONE_FAILS, waivers);
        refused("verdict is 'CERTIFIED_WITH_WAIVERS', not 'CERTIFIED'");
    }

    /** Only its main fields were looked at once. */
    @Test
    void thatVerifyWouldRefuseIsNone() throws IOException {
        Path report = reports.resolve(SUBJECT);
        Files.writeString(report.resolve("badge.svg"), "<svg/>");
        refused("badge.svg is not the file that SHA256SUMS speaks of");
        write(order(Tier.SIMULATED, "log"), acme("acme", "Acme", jar), ONE_FAILS, List.of());
        edit("\"NOT_CERTIFIED\"", "\"CERTIFIED\"");
        refused("its verdict is CERTIFIED, but its rules give NOT CERTIFIED");
        certify();
        edit("\"sha256\" : null", "\"sha256\" : \"" + "7".repeat(64) + "\"");
        refused("which is not the suite that verifies");
        Files.delete(report.resolve("report.html"));
        refused("report.html is missing");
    }

    /** With all sums right. */
    private void edit(String text, String by) throws IOException {
        Path directory = reports.resolve(SUBJECT);
        Path file = directory.resolve("report.json");
        String before = Files.readString(file);
        assertTrue(before.contains(text), before);
        Files.writeString(file, before.replaceFirst(Pattern.quote(text), by));
        TreeMap<String, String> sums = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path each : files.toList()) {
                String name = String.valueOf(each.getFileName());
                if (!name.equals(Sums.NAME)) {
                    sums.put(name, BoundedFile.sha256(Files.readAllBytes(each)));
                }
            }
        }
        Files.write(directory.resolve(Sums.NAME), Sums.of(sums));
    }

    @Test
    void thatIsMissingOrUnreadableIsNone() throws IOException {
        Path report = reports.resolve(SUBJECT);
        edit("{", "[");
        refused("is none: report.json: ");
        certify();
        Path elsewhere = Files.move(report.resolve("report.json"), here.resolve("elsewhere"));
        Files.createSymbolicLink(report.resolve("report.json"), elsewhere);
        refused("report.json is no regular file");
        Files.delete(report.resolve("report.json"));
        refused("is not there: certify with --tier simulated first");
        jar = here;
        refused("does not come from a jar");
    }

    @Test
    void ofAJarThatChangedIsNone() throws IOException {
        Files.writeString(jar, "another jar");
        refused("subject.sha256 is '");
    }
}
