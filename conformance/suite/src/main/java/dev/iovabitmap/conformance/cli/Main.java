package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.engine.Printable;
import dev.iovabitmap.conformance.report.SuiteVersion;
import dev.iovabitmap.conformance.rules.RuleCatalogue;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. */
@Command(
        name = "iova-bitmap",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Certifies IOVA bitmap backends against the specification.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CertifyCommand.class,
            VerifyCommand.class,
            SignCommand.class,
            MergeCommand.class,
            RulesCommand.class,
            DoctorCommand.class,
            InspectCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:certified, or done",
            "1:not certified",
            "2:usage: an unknown name, a class that is missing or no provider, a bad number or file",
            "3:the harness itself failed"
        })
public final class Main implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Runs the command line and ends the JVM. */
    public static void main(String[] args) {
        Charset charset = System.out.charset();
        int code = run(new PrintWriter(System.out, true, charset), new PrintWriter(System.err, true, charset), args);
        System.exit(code);
    }

    /** {@return the exit code} */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine command = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, given) -> usage(wrong.getCommandLine(), sentence(wrong)))
                .setExecutionExceptionHandler((thrown, at, parsed) -> failed(thrown, at));
        int code = command.execute(args);
        // a writer over System.out does not hear of it, since System.out keeps it to itself
        if (code != ExitCode.HARNESS && (out.checkError() || System.out.checkError())) {
            err.println(command.getCommandName() + ": the output could not be written to its end");
            return ExitCode.HARNESS;
        }
        return code;
    }

    @Override
    public Integer call() {
        return usage(spec.commandLine(), "no command was given");
    }

    private static int failed(Exception thrown, CommandLine command) {
        if (thrown instanceof UsageException) {
            return usage(command, String.valueOf(thrown.getMessage()));
        }
        String message =
                thrown instanceof HarnessException ? String.valueOf(thrown.getMessage()) : "unexpected " + thrown;
        command.getErr().println(command.getCommandSpec().root().name() + ": " + Printable.of(message));
        if (Boolean.getBoolean("iova-bitmap.debug")) {
            thrown.printStackTrace(command.getErr());
        }
        return ExitCode.HARNESS;
    }

    private static int usage(CommandLine command, String sentence) {
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(command.getCommandSpec().root().name() + ": " + Printable.of(sentence));
        command.getErr().println("See " + name + " --help");
        return ExitCode.USAGE;
    }

    private static String sentence(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched
                && unmatched.getCommandLine().getParent() == null
                && !unmatched.getUnmatched().get(0).startsWith("-")) {
            return "there is no command '" + unmatched.getUnmatched().get(0) + "'; there are "
                    + String.join(
                            ", ", unmatched.getCommandLine().getSubcommands().keySet());
        }
        String message = String.valueOf(wrong.getMessage());
        return message.startsWith("Error: ") ? message.substring("Error: ".length()) : message;
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "iova-bitmap " + SuiteVersion.get(),
                "specification " + RuleCatalogue.load().spec()
            };
        }
    }
}
