package dev.comfygateway.storage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The embedded S3 server of the module {@code standalone}, as a child process. */
public final class S3Process implements AutoCloseable {

    public static final String ACCESS_KEY = "test-access";
    public static final String SECRET_KEY = "test-secret-key";
    public static final String BUCKET = "comfyui-outputs";

    private static final Path MODULE = Path.of("..", "standalone", "target");

    private final Process process;
    private final int port;

    private S3Process(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one on a free port over a fresh folder; returns when it accepts. */
    public static S3Process start() {
        try {
            return start(Files.createTempDirectory("s3-"), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one on that port over that folder. */
    public static S3Process start(Path data, int port) throws IOException {
        String classPath = MODULE.resolve("classes").toAbsolutePath()
                + System.getProperty("path.separator")
                + MODULE.resolve("lib").toAbsolutePath() + "/*";
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                classPath,
                "dev.comfygateway.standalone.s3.EmbeddedS3"));
        builder.environment()
                .putAll(Map.of(
                        "S3_PORT", Integer.toString(port),
                        "S3_DATA", data.toString(),
                        "S3_BUCKET", BUCKET,
                        "S3_ACCESS_KEY", ACCESS_KEY,
                        "S3_SECRET_KEY", SECRET_KEY));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("READY ")) {
            process.destroyForcibly();
            throw new IllegalStateException("Embedded S3 said: " + line);
        }
        return new S3Process(process, Integer.parseInt(line.substring("READY ".length())));
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** As when its parent goes away. */
    public void closeStandardInput() throws IOException {
        process.getOutputStream().close();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
