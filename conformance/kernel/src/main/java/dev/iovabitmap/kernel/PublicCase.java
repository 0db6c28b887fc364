package dev.iovabitmap.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.words.Unsigned;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** One of the suite's public cases: what a bug of the kernel's needed to show, and what is right there. */
record PublicCase(JsonNode json) {
    private static final String FILE = "/dev/iovabitmap/conformance/rules/kernel/public-cases.json";

    static List<PublicCase> all() throws IOException {
        try (InputStream in = Objects.requireNonNull(PublicCase.class.getResourceAsStream(FILE), FILE)) {
            List<PublicCase> all = new ArrayList<>();
            new ObjectMapper().readTree(in).path("cases").forEach(each -> all.add(new PublicCase(each)));
            return all;
        }
    }

    String id() {
        return json.path("id").asText();
    }

    String kind() {
        return json.path("kind").asText();
    }

    long iova() {
        return u64(json.path("iova"));
    }

    long length() {
        return u64(json.path("length"));
    }

    long pageSize() {
        return u64(json.path("page_size"));
    }

    int offset() {
        return json.path("data_page_offset").asInt();
    }

    /** {@return what is asked for, of a case whose kind is bitmap} */
    IovaBitmapLayout layout() {
        return new IovaBitmapLayout(iova(), length(), pageSize());
    }

    /** {@return what is marked, by its first address} */
    List<IovaRange> sets() {
        List<IovaRange> sets = ranges(json.path("sets"));
        sets.sort((one, other) -> Unsigned.compare(one.iova(), other.iova()));
        return sets;
    }

    /** {@return the windows into which the bitmap is cut} */
    List<IovaRange> windows() {
        List<IovaRange> windows = new ArrayList<>();
        for (JsonNode window : json.at("/expect/windows")) {
            windows.add(new IovaRange(u64(window.path("iova")), u64(window.path("length"))));
        }
        return windows;
    }

    /** {@return the bits that are set by the rules, of as much of the bitmap as there is} */
    BitSet bits() {
        BitSet bits = new BitSet();
        JsonNode limited = json.at("/expect/correct_with_pin_limit/bits");
        for (JsonNode run : limited.isMissingNode() ? json.at("/expect/bits_clip") : limited) {
            bits.set(run.path(0).asInt(), run.path(0).asInt() + run.path(1).asInt());
        }
        return bits;
    }

    boolean limitsPages() {
        return json.has("pinnable_pages");
    }

    /** {@return how many pages of the bitmap are there, of a case that limits them} */
    int pages() {
        return json.path("pinnable_pages").asInt();
    }

    /** {@return whether a set has no length or goes on from the last address to the first} */
    boolean hasOddSet() {
        return sets().stream().anyMatch(set -> set.length() == 0 || Unsigned.less(set.lastIova(), set.iova()));
    }

    /** {@return whether a set does not touch what is asked for} */
    boolean hasSetOutside() {
        IovaRange range = new IovaRange(iova(), length());
        return sets().stream().anyMatch(set -> range.intersection(set).isEmpty());
    }

    private static List<IovaRange> ranges(JsonNode pairs) {
        List<IovaRange> ranges = new ArrayList<>();
        pairs.forEach(pair -> ranges.add(new IovaRange(u64(pair.path(0)), u64(pair.path(1)))));
        return ranges;
    }

    private static long u64(JsonNode node) {
        return new BigInteger(node.asText().substring(2), 16).longValue();
    }

    @Override
    public String toString() {
        return id();
    }
}
