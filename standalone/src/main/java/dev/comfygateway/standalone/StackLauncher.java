package dev.comfygateway.standalone;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.standalone.process.ParentWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts the whole stack and stays until it is told to end.
 *
 * <p>Arguments: {@code --data DIR}, {@code --home DIR} (the project's folder, else the current one) and
 * {@code --exit-on-stdin-close} for a parent that wants us gone when it is.
 */
public final class StackLauncher {

    private StackLauncher() {}

    /** Runs until a signal, or the end of standard input when asked to watch it. */
    public static void main(String[] args) throws InterruptedException {
        Map<String, String> environment = System.getenv();
        Path home = Path.of("");
        Path data = null;
        boolean watch = false;
        Iterator<String> rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            switch (argument) {
                case "--exit-on-stdin-close" -> watch = true;
                case "--data" -> data = Path.of(value(argument, rest));
                case "--home" -> home = Path.of(value(argument, rest));
                default -> fail("Unknown argument " + argument, null);
            }
        }
        if (watch) {
            ParentWatch.onEnd(System.in, () -> System.exit(0));
        }
        Stack stack = null;
        try {
            StackSettings settings = StackSettings.of(environment, home, data);
            stack = new Stack(settings, environment, new ProgressLines(System.out));
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("stack-stop").unstarted(stack::close));
            stack.start();
        } catch (StartFailure | InvalidSettingException e) {
            fail(String.valueOf(e.getMessage()), stack);
        } catch (IOException e) {
            fail("The stack cannot start: " + e, stack);
        }
        Thread.currentThread().join();
    }

    private static String value(String argument, Iterator<String> rest) {
        if (!rest.hasNext()) {
            fail(argument + " needs a value", null);
        }
        return rest.next();
    }

    private static void fail(String message, @Nullable Stack stack) {
        if (stack != null) {
            stack.close();
        }
        System.err.println("comfygw: " + message);
        System.exit(1);
    }
}
