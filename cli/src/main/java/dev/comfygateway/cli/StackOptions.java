package dev.comfygateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that start the stack. */
final class StackOptions {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder of everything that is kept (default: COMFYGW_DATA or ./data).")
    private @Nullable Path data;

    @Option(
            names = "--comfyui",
            paramLabel = "URL",
            description = "A ComfyUI server to use instead of the built-in simulator (also: COMFYUI_URL).")
    private @Nullable String comfyUi;

    StackProcess start(boolean quick) throws IOException {
        Path home = Path.of(System.getProperty("comfygw.home", "."))
                .toAbsolutePath()
                .normalize();
        Path folder = data;
        if (folder == null) {
            String given = System.getenv().getOrDefault("COMFYGW_DATA", "");
            folder = given.isBlank() ? Path.of("data") : Path.of(given);
        }
        return StackProcess.start(home, folder.toAbsolutePath().normalize(), comfyUi, quick);
    }
}
