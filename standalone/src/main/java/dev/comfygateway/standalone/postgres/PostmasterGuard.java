package dev.comfygateway.standalone.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A shell that stops the PostgreSQL server if our process dies without doing so. The server detaches itself from its
 * starter, so nothing else would end it after {@code kill -9}.
 */
final class PostmasterGuard {

    /**
     * Waits for its input: a line dismisses it, the end of the stream means that we are dead. Then it stops the server
     * for as long as this run is the latest one, and looks on for a while, as the server may still be on its way up.
     */
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            if read -r line; then exit 0; fi
            i=0
            while [ "$i" -lt 24 ] && [ "$(cat "$2" 2>/dev/null)" = "$3" ]; do
              if [ -f "$1/postmaster.pid" ]; then
                pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
                [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null && seen=1
              elif [ -n "${seen:-}" ]; then
                exit 0
              fi
              sleep 0.25
              i=$((i + 1))
            done
            """;

    private final Process shell;

    private PostmasterGuard(Process shell) {
        this.shell = shell;
    }

    static PostmasterGuard start(Path data, Path cluster) throws IOException {
        String run = UUID.randomUUID().toString();
        Path runFile = data.resolve("run-id");
        Files.writeString(runFile, run);
        Process shell = new ProcessBuilder(
                        "sh", "-c", SCRIPT, "postgres-guard", cluster.toString(), runFile.toString(), run)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new PostmasterGuard(shell);
    }

    /** The server was stopped in order; the guard goes home. */
    void dismiss() throws IOException {
        shell.getOutputStream().write("done\n".getBytes(StandardCharsets.US_ASCII));
        shell.getOutputStream().flush();
    }
}
