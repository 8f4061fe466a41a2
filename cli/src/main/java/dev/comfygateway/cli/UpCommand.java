package dev.comfygateway.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts everything on this machine and stays. */
@Command(name = "up", description = "Start everything on this machine and stay up.", mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    @Mixin
    private StackOptions stack = new StackOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (StackProcess process = stack.start(false)) {
            process.awaitReady();
            System.out.println("Ctrl-C stops it. Try: ./comfygw submit demo prompt='a lighthouse at dusk'");
            return process.awaitEnd();
        }
    }
}
