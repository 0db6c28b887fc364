package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.report.Judgement;
import dev.iovabitmap.conformance.report.Reports;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import dev.iovabitmap.conformance.waiver.Waiver;
import dev.iovabitmap.conformance.waiver.Waivers;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Grants waivers to the subjects of a run, and knows which nobody asked for. */
final class WaiverDesk {
    private final LocalDate today;
    private final List<Waiver> waivers;
    private final List<Waiver> leftOver;

    private WaiverDesk(LocalDate today, List<Waiver> waivers) {
        this.today = today;
        this.waivers = waivers;
        this.leftOver = new ArrayList<>(waivers);
    }

    /** {@return the waivers of a file, or none without a file} */
    static WaiverDesk open(@Nullable String file) {
        LocalDate today = Today.get();
        if (file == null) {
            return new WaiverDesk(today, List.of());
        }
        try {
            return new WaiverDesk(today, Waivers.read(NamedPath.file("--waivers", file), RuleCatalogue.load(), today));
        } catch (IOException unreadable) {
            throw new UsageException("--waivers '" + file + "' cannot be read");
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(
                    "--waivers '" + file + "': " + Printable.brief(String.valueOf(wrong.getMessage())));
        }
    }

    Reports.Waived waive(Judgement judgement, String provider, String version) {
        List<Waiver> granted = waivers.stream()
                .filter(waiver -> waiver.covers(provider, version))
                .toList();
        leftOver.removeAll(granted);
        return new Reports.Waived(judgement.waive(RuleCatalogue.load(), granted), granted, today);
    }

    /** {@return a sentence for each waiver that is for no subject of the run} */
    List<String> leftOver() {
        return leftOver.stream()
                .map(waiver ->
                        "unused waiver: no subject here is " + waiver.subject().provider() + " "
                                + waiver.subject().version() + ", for which " + waiver.line())
                .toList();
    }
}
