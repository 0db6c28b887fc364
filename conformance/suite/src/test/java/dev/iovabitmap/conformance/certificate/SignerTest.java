package dev.iovabitmap.conformance.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Order;
import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.Report;
import dev.iovabitmap.conformance.report.ReportDirectory;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.report.Sums;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.rules.Tier;
import dev.iovabitmap.conformance.vendor.Wrong;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sign that is stopped leaves behind. */
class SignerTest {
    private static final RuleCatalogue CATALOGUE = RuleCatalogue.load();
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    @TempDir
    Path here;

    private Path certificate = Path.of("");
    private Trust trust = new Trust(new Report.Suite("", null), Set.of(), CATALOGUE, TODAY, null);

    @BeforeEach
    void certify() throws IOException, InterruptedException {
        trust = Trust.here(Set.of(), TODAY);
        Order order = Order.certify(Tier.MEMORY, 7);
        Wrong.Unavailable provider = new Wrong.Unavailable();
        Runner.Result result = Runner.inProcess(provider, order, Runner.PATIENCE, event -> {});
        Judgement judgement = Judgement.of(CATALOGUE, order, result.record(), token -> token);
        ReportDirectory directory = ReportDirectory.prepare(here, "right");
        Reports.Waived waived = new Reports.Waived(judgement, List.of(), TODAY);
        Reports.write(directory, CATALOGUE, order, provider.getClass().getName(), result, waived, null);
        certificate = directory.path();
    }

    private static KeyPair key() throws Exception {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    /** The names and contents of all files. */
    private SortedMap<String, String> state() {
        SortedMap<String, String> state = new TreeMap<>();
        try (Stream<Path> files = Files.list(certificate)) {
            for (Path file : files.toList()) {
                state.put(String.valueOf(file.getFileName()), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return state;
    }

    private void restore(SortedMap<String, String> state) throws IOException {
        for (String name : state().keySet()) {
            Files.delete(certificate.resolve(name));
        }
        for (String name : state.keySet()) {
            Files.writeString(certificate.resolve(name), state.get(name), StandardCharsets.ISO_8859_1);
        }
    }

    private String refusal() {
        return String.valueOf(assertThrows(NotVerifiedException.class, () -> Certificate.verify(certificate, trust))
                .getMessage());
    }

    /** Signs, and returns every state of the directory on the way, the last one being the end. */
    private List<SortedMap<String, String>> statesOf(KeyPair key) throws Exception {
        List<SortedMap<String, String>> states = new ArrayList<>();
        Signer.sign(certificate, key.getPrivate(), trust, () -> states.add(state()));
        return states;
    }

    private void everyStateCanBeFinished(KeyPair key) throws Exception {
        SortedMap<String, String> before = state();
        List<SortedMap<String, String>> states = statesOf(key);
        SortedMap<String, String> after = state();
        assertEquals(4, states.size(), "two files are written and renamed");
        assertEquals(after, states.removeLast());
        for (SortedMap<String, String> state : states) {
            restore(state);
            assertTrue(refusal().contains("sign again"), refusal());
            Signer.sign(certificate, key.getPrivate(), trust);
            assertEquals(after, state());
        }
        restore(states.getFirst());
        Files.delete(certificate.resolve(states.getFirst().keySet().stream()
                .filter(Signer::isLeftOver)
                .findFirst()
                .orElseThrow()));
        assertEquals(before, state(), "as the message says, deleting it is another way");
    }

    @Test
    void aFirstSignatureThatIsInterruptedCanBeFinished() throws Exception {
        everyStateCanBeFinished(key());
    }

    @Test
    void aSecondSignatureThatIsInterruptedCanBeFinished() throws Exception {
        KeyPair first = key();
        Signer.sign(certificate, first.getPrivate(), trust);
        everyStateCanBeFinished(key());
        assertTrue(Certificate.verify(certificate, trust.withKey(first.getPublic()))
                .signed());
    }

    /** Only who began can say that the envelope is right. */
    @Test
    void anotherKeyDoesNotFinishIt() throws Exception {
        SortedMap<String, String> between = statesOf(key()).get(1);
        restore(between);
        assertTrue(refusal().contains("sign again with the same key"), refusal());
        assertThrows(NotVerifiedException.class, () -> Signer.sign(certificate, key().getPrivate(), trust));
        assertEquals(between, state());
    }

    @Test
    void nothingElseMayBeAmiss() throws Exception {
        KeyPair key = key();
        SortedMap<String, String> between = statesOf(key).get(1);
        for (String name : List.of("report.json", "statement.json", "badge.svg", "SHA256SUMS")) {
            SortedMap<String, String> worse = new TreeMap<>(between);
            worse.compute(name, (file, content) -> content + " ");
            restore(worse);
            assertThrows(NotVerifiedException.class, () -> Signer.sign(certificate, key.getPrivate(), trust), name);
            assertEquals(worse, state());
        }
    }

    /** One more made a certificate once that nobody could verify. */
    @Test
    void noMoreSignaturesThanAreRead() throws Exception {
        Signer.sign(certificate, key().getPrivate(), trust);
        Path file = certificate.resolve(ReportDirectory.ENVELOPE);
        Envelope one = Envelope.read(Files.readAllBytes(file));
        Envelope most = new Envelope(
                one.payload(),
                one.payloadType(),
                Collections.nCopies(64, one.signatures().get(0)));
        Files.write(file, most.content());
        Files.write(
                certificate.resolve(Sums.NAME),
                Sums.of(CertificateFiles.in(certificate).sums()));
        SortedMap<String, String> full = state();
        NotVerifiedException refused =
                assertThrows(NotVerifiedException.class, () -> Signer.sign(certificate, key().getPrivate(), trust));
        assertTrue(String.valueOf(refused.getMessage()).contains("has 65 signatures, not 1 to 64"), refused::toString);
        assertEquals(full, state());
    }

    @Test
    void onlyItsOwnFilesAreRemoved() throws Exception {
        Path other = Files.writeString(certificate.resolve(".signing-notes"), "x");
        Path link = Files.createSymbolicLink(certificate.resolve(".signing-1"), here.resolve("elsewhere"));
        assertThrows(NotVerifiedException.class, () -> Signer.sign(certificate, key().getPrivate(), trust));
        assertTrue(Files.exists(other) && Files.isSymbolicLink(link));
    }
}
