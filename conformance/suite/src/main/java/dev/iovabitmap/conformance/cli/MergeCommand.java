package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.certificate.Certificate;
import dev.iovabitmap.conformance.certificate.NotVerifiedException;
import dev.iovabitmap.conformance.certificate.Trust;
import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.files.FileReason;
import dev.iovabitmap.conformance.merge.Merged;
import dev.iovabitmap.conformance.merge.MergedPage;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.Verdict;
import dev.iovabitmap.conformance.report.Wording;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts many certificates on one page. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Verifies certificates from many machines and writes merged.html and merged.json.",
            "The verdict is the worst of all."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all certified",
            "1:one is not certified; or not verified, and then nothing is written",
            "2:usage: no such directory, no certificate in it",
            "3:the harness itself failed"
        })
final class MergeCommand implements Callable<Integer> {
    private static final int DEEPEST = 8;
    private static final int MOST = 20_000;

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description = "Directories of certificates, or directories with such directories in them.")
    private List<String> directories = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where merged.html and merged.json go; by default ${DEFAULT-VALUE}.",
            defaultValue = "merged")
    private String out = "";

    @Option(names = "--mixed", description = "Also takes certificates that different jars of the suite made.")
    private boolean mixed;

    @Mixin
    private SignatureOptions signature = new SignatureOptions();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path target = target();
        Collection<Path> places = places();
        Trust trust = signature.trust();
        PrintWriter output = spec.commandLine().getOut();
        List<Merged.Entry> entries = new ArrayList<>();
        Set<Report.Suite> suites = new LinkedHashSet<>();
        boolean verified = true;
        for (Path place : places) {
            try {
                Certificate certificate = Certificate.verify(place, trust);
                entries.add(Merged.Entry.of(Printable.of(place.toString()), certificate));
                suites.add(certificate.file().report().suite());
            } catch (NotVerifiedException wrong) {
                output.println(Printable.of("NOT VERIFIED: " + place + ": " + wrong.getMessage()));
                verified = false;
            }
        }
        if (!verified) {
            output.println(
                    "NOT MERGED: " + (places.size() - entries.size()) + " of " + places.size() + " are not verified");
            output.flush();
            return ExitCode.NOT_CERTIFIED;
        }
        if (suites.size() > 1 && !mixed) {
            output.println(
                    "NOT MERGED: " + suites.size() + " different jars of the suite made them; --mixed allows that");
            output.flush();
            return ExitCode.NOT_CERTIFIED;
        }
        Merged merged = Merged.of(trust.catalogue(), suites, entries);
        Path page = write(merged, trust, target);
        for (Merged.Entry entry : merged.entries()) {
            output.println(Printable.of(Wording.of(entry.verdict()) + "  " + entry.place() + ": "
                    + entry.subject().name(entry.transport()) + " "
                    + entry.subject().version() + ", tier " + entry.tier() + " ("
                    + Wording.ofTier(entry.tier()) + ")"));
        }
        output.println(Printable.of(
                merged.entries().size() + " verified, the worst is " + Wording.of(merged.verdict()) + ": " + page));
        output.flush();
        return merged.verdict() == Verdict.NOT_CERTIFIED ? ExitCode.NOT_CERTIFIED : ExitCode.CERTIFIED;
    }

    /** Each certificate once, whatever ways lead to it. */
    private Collection<Path> places() {
        Map<Path, Path> places = new TreeMap<>();
        for (String directory : directories) {
            for (Path place : certificatesIn(directory)) {
                try {
                    places.putIfAbsent(place.toRealPath(), place);
                } catch (IOException unreadable) {
                    throw new UsageException("'" + place + "' cannot be read");
                }
            }
        }
        return places.values();
    }

    /** A page inside of a certificate, or a directory for it, would be a file that no report has. */
    private Path target() {
        Path directory = NamedPath.of("--out", out);
        for (Path at = directory.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("report.json"))) {
                throw new UsageException("--out '" + out + "' is in a certificate, which takes no other files");
            }
        }
        return directory;
    }

    private static List<Path> certificatesIn(String directory) {
        Path root = NamedPath.directory(directory);
        try (Stream<Path> files = Files.walk(root, DEEPEST)) {
            List<Path> found = files.filter(file -> file.endsWith("report.json"))
                    .limit(MOST + 1)
                    .map(file -> file.resolveSibling(""))
                    .collect(Collectors.toList());
            if (found.isEmpty()) {
                throw new UsageException("there is no certificate in '" + directory + "'");
            }
            if (found.size() > MOST) {
                throw new UsageException("there are more than " + MOST + " certificates in '" + directory + "'");
            }
            return found;
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            throw new UsageException("'" + directory + "' cannot be read");
        }
    }

    private Path write(Merged merged, Trust trust, Path target) {
        try {
            Path directory = Files.createDirectories(target);
            replace(directory.resolve("merged.json"), merged.json());
            Path page = directory.resolve("merged.html");
            replace(page, MergedPage.of(merged, trust.catalogue()));
            return page;
        } catch (IOException failed) {
            throw new HarnessException("cannot write into '" + out + "': " + FileReason.of(failed), failed);
        }
    }

    /** A link in the place of the file is replaced, not followed. */
    private static void replace(Path file, byte[] content) throws IOException {
        Files.deleteIfExists(file);
        Files.write(file, content, java.nio.file.StandardOpenOption.CREATE_NEW);
    }
}
