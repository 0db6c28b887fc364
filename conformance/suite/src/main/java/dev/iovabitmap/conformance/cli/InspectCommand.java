package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.inspect.InspectException;
import dev.iovabitmap.conformance.inspect.InspectRequest;
import dev.iovabitmap.conformance.inspect.Inspector;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The subcommand {@code inspect}. */
@Command(
        name = "inspect",
        header =
                "Shows what a raw bitmap file holds: its dirty ranges, its counts, and a picture of where the dirt is.",
        description = {
            "%nBit k of the file, which is bit k %% 8 of byte k / 8, stands for the page at IOVA + k * page size.",
            "The file is mapped, not loaded, so it may be larger than memory. It is read once and not changed.",
            "%nNumbers are decimal or 0x, with K, M, G or T for powers of 1024.%n"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the file was inspected",
            "2:the file or an option is wrong",
            "3:the inspection itself failed, as when the file was truncated meanwhile"
        },
        footer = {
            "%nExample: the bitmap of the 4 GiB from 4 GiB on, at 4 KiB a page, in 128 KiB:",
            "  iova-bitmap inspect ram.bitmap --iova 4G --length 4G --page-size 4K"
        },
        sortOptions = false)
final class InspectCommand implements Callable<Integer> {
    private static final int MIN_WIDTH = 32;
    private static final int MAX_WIDTH = 1000;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The raw bitmap: words without a header.")
    private @Nullable Path file;

    @Option(
            names = "--iova",
            paramLabel = "A",
            converter = UnsignedNumber.class,
            defaultValue = "0",
            description = "The address that bit 0 stands for. Default: 0.")
    private long iova;

    @Option(
            names = "--length",
            paramLabel = "N",
            converter = UnsignedNumber.class,
            description = "How many bytes of addresses the bitmap covers. Default: what all words of the file cover.")
    private @Nullable Long length;

    @Option(
            names = "--page-size",
            paramLabel = "N",
            converter = UnsignedNumber.class,
            defaultValue = "4096",
            description = "How many bytes a bit stands for, a power of two. Default: 4096.")
    private long pageSize;

    @ArgGroup
    private @Nullable Listed listed;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Also write the picture as an SVG heat map. A file that is there is replaced.")
    private @Nullable Path svg;

    @Option(
            names = "--json",
            description =
                    "Print JSON: addresses and sizes as strings in hex, counts as numbers, no picture but its cells.")
    private boolean json;

    @Option(
            names = "--width",
            paramLabel = "COLUMNS",
            defaultValue = "80",
            description = "How wide the picture may be, 32 to 1000. Default: 80.")
    private int width;

    @Option(
            names = "--ascii",
            description = "Draw with ASCII. Default: where the output's encoding has no block characters.")
    private boolean ascii;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli reads it
    private boolean help;

    /** How many ranges are listed. */
    private static final class Listed {
        private static final long DEFAULT = 20;

        @Option(
                names = "--limit",
                paramLabel = "N",
                converter = UnsignedNumber.class,
                required = true,
                description = "List only the first N dirty ranges. Default: 20.")
        private long limit;

        @Option(names = "--all", required = true, description = "List every dirty range.")
        private boolean all;

        long number() {
            // 2^63 or more is more than there can be
            return all || limit < 0 ? Long.MAX_VALUE : limit;
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String root = spec.root().name();
        if (width < MIN_WIDTH || width > MAX_WIDTH) {
            err.println(root + ": --width " + width + " is not from " + MIN_WIDTH + " to " + MAX_WIDTH);
            return 2;
        }
        if (Objects.requireNonNull(file).toString().isEmpty()) {
            err.println(root + ": the name of the file is empty");
            return 2;
        }
        long limit = listed == null ? Listed.DEFAULT : listed.number();
        boolean plain = ascii || !Inspector.showsBlocks(System.out.charset());
        try {
            Inspector.inspect(new InspectRequest(file, iova, length, pageSize, limit, width, plain, json, svg), out);
            return 0;
        } catch (InspectException e) {
            out.flush();
            err.println(root + ": " + Printable.of(String.valueOf(e.getMessage())));
            return e.exitCode();
        }
    }
}
