package dev.comfygateway.cli;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;

/** {@code comfygw}. */
@Command(
        name = "comfygw",
        description = "ComfyUI as a durable, secured, observable service.",
        mixinStandardHelpOptions = true,
        versionProvider = ComfyGw.Version.class,
        subcommands = {UpCommand.class, DemoCommand.class, SubmitCommand.class, WatchCommand.class})
public final class ComfyGw implements Runnable {

    /** Runs one command; exits with its code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new ComfyGw()).setExecutionExceptionHandler(ComfyGw::fail);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    private static int fail(Exception e, CommandLine command, ParseResult result) throws Exception {
        if (e instanceof CommandFailure) {
            command.getErr().println("comfygw: " + e.getMessage());
            return 1;
        }
        throw e;
    }

    /** As packaged; {@code development} when run from a folder of classes. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "comfygw "
                        + Optional.ofNullable(ComfyGw.class.getPackage().getImplementationVersion())
                                .or(() -> Optional.ofNullable(System.getProperty("comfygw.version")))
                                .orElse("development")
            };
        }
    }
}
