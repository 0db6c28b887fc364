package dev.iovabitmap.conformance.rules;

import dev.iovabitmap.conformance.rules.Rule.Scope;
import dev.iovabitmap.spi.Feature;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Renders the catalogue as {@code docs/specification.md}. */
public final class SpecificationPage {
    private static final Map<String, String> TITLES = titles();

    private SpecificationPage() {}

    private static Map<String, String> titles() {
        Map<String, String> titles = new LinkedHashMap<>();
        titles.put("ALLOC", "Allocation");
        titles.put("BIT", "Bits");
        titles.put("SET", "Marking");
        titles.put("WIN", "Windows");
        titles.put("ITER", "Iteration");
        titles.put("LIFE", "Life cycle");
        titles.put("READ", "Reading");
        titles.put("CONC", "Concurrency");
        titles.put("HW", "Devices");
        return titles;
    }

    /** {@return the page in Markdown} */
    public static String of(RuleCatalogue catalogue) {
        StringBuilder page = new StringBuilder(introduction(catalogue));
        Map<String, List<Rule>> groups = catalogue.rules().stream()
                .collect(Collectors.groupingBy(Rule::group, LinkedHashMap::new, Collectors.toList()));
        groups.forEach((group, rules) -> {
            page.append("\n## ").append(group);
            page.append(TITLES.containsKey(group) ? ": " + TITLES.get(group) : "")
                    .append('\n');
            rules.forEach(rule -> page.append(section(rule)));
        });
        return page.toString();
    }

    private static String introduction(RuleCatalogue catalogue) {
        return """
                # IOVA bitmap specification, version %s

                This page is generated from the suite's `rules.json`; a test holds the two together. `./iova-bitmap rules` prints
                the same rules. A test names the rules that it verifies, and a report has a line for each of them.

                ## Terms

                An *IOVA* is an I/O virtual address: an unsigned 64-bit number. All addresses, lengths, page sizes and bit indices
                here are unsigned. A *bitmap* covers a *range* of `length` bytes from `iova` up to `lastIova = iova + length - 1`,
                in *pages* of `pageSize = 2^pageShift` bytes counted from `iova`, the last of which the end of the range may cut.
                It has one bit for each page, so `bitCount = ceil(length / pageSize)`. The bits are in the *data*: memory that the
                caller owns, in 64-bit words. A page whose bit is set is *dirty*. A *stray* is a bit of the words that stands for no
                page. `P` is the *base page size*, always 4096 for a backend. A *window* is the part of the range that
                `forEach` calls back for at a time.

                ## The formula

                The kernel describes the layout of a reported bitmap in three places, and no two of them agree:

                | where | what it says | what is wrong |
                |---|---|---|
                | the comment with the code | word `(iova / pageSize) / 64`, bit `iova %% 64` | absolute address; the bit ignores the page size |
                | the text with VFIO's report ioctl | word `(x - iova) / pageSize`, bit `x %% 64` | does not divide by 64; the bit ignores the page size |
                | the text with IOMMUFD's ioctl | the right bit index, of the absolute address | does not subtract the base |

                The code does none of these. It computes `(x - iova) >>> pageShift`, and that is the rule: see BIT-1 and BIT-2.

                ## How to read a rule

                **Level.** %s.

                **Scope.** `subject`: what can be seen through a provider; these rules make a certificate. `library`: this project's own
                arithmetic and reading, the same for every provider. `document`: what users have to know; no test can see it.

                **Features.** A rule that names features applies only to providers that have them all; for the others it is
                `NOT_SUPPORTED`, which does not stand in the way of a certificate. The features of a provider:

                %s

                **Tiers.** What stood behind the provider when it was tested: `memory`, no device; `simulated`, a simulated kernel
                in the same process; `kernel`, a running Linux kernel with a mock device; `hardware`, a real device. Where a rule names
                no tiers, it applies to all of them. The suite drives a device through the provider's harness. What a harness cannot
                do, such as taking a mapping away, leaves a test at `NOT_SUPPORTED` with the reason; a rule is at `PASS` only if
                one of its tests passed and none failed.

                **Source.** Where a rule comes from. B and R numbers are entries of the bug history of the kernel's implementation
                (B: fixed since, R: open); commits are the kernel's.
                """.formatted(catalogue.spec(), levels(catalogue), features());
    }

    private static String levels(RuleCatalogue catalogue) {
        boolean allMust = catalogue.rules().stream().allMatch(rule -> rule.level() == Rule.Level.MUST);
        return allMust
                ? "Every rule is a MUST: a provider that breaks one is not certified"
                : "A provider that breaks a MUST is not certified; breaking a SHOULD is reported";
    }

    private static String features() {
        Map<Feature, String> texts = new EnumMap<>(Feature.class);
        texts.put(Feature.UNALIGNED_DATA, "data of any byte alignment works");
        texts.put(Feature.CLOSEABLE_DATA, "data may live in an arena that closes, or belongs to one thread");
        texts.put(Feature.CONCURRENT_SET, "many threads may mark at once");
        texts.put(Feature.HARDWARE, "the provider drives a device");
        texts.put(Feature.PEEK, "dirt can be read without clearing it");
        return Arrays.stream(Feature.values())
                .map(feature -> "- `" + feature + "`: " + texts.get(feature))
                .collect(Collectors.joining("\n"));
    }

    private static String section(Rule rule) {
        StringBuilder text = new StringBuilder();
        text.append("\n### ").append(rule.id()).append("\n\n");
        text.append(rule.text()).append("\n\n");
        text.append("*").append(rule.level()).append(", ").append(name(rule.scope()));
        if (!rule.features().isEmpty()) {
            text.append(", needs ")
                    .append(rule.features().stream()
                            .sorted()
                            .map(feature -> "`" + feature + "`")
                            .collect(Collectors.joining(" and ")));
        }
        if (rule.tiers().size() < Tier.values().length) {
            text.append(", at ")
                    .append(rule.tiers().stream().sorted().map(Tier::toString).collect(Collectors.joining(", ")));
        }
        return text.append(".* Source: ").append(rule.source()).append(".\n").toString();
    }

    private static String name(Scope scope) {
        return scope.name().toLowerCase(Locale.ROOT);
    }
}
