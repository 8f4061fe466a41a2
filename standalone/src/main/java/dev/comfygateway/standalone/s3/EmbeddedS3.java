package dev.comfygateway.standalone.s3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/**
 * An S3 server over a folder, for one machine and for tests: S3Proxy with its {@code filesystem-nio2} backend and
 * {@code aws-v4} authorization.
 *
 * <p>Runs as a process of its own, so that it can be killed alone and its libraries meet no one else's. Prints
 * {@code READY <port>} as its only line on standard output once it accepts requests, and exits when its standard input
 * closes.
 *
 * <p>Settings come as {@code --name=value} arguments or from the environment: {@code S3_HOST}
 * ({@code --host}, 127.0.0.1), {@code S3_PORT} ({@code --port}, 0 for a
 * free one), {@code S3_DATA} ({@code --data}, the folder), {@code S3_ACCESS_KEY} ({@code --access-key}),
 * {@code S3_SECRET_KEY} ({@code --secret-key}), {@code S3_BUCKET} ({@code --bucket}, comma list, created when missing).
 * Prefer the environment for the secret: arguments show in process lists.
 */
public final class EmbeddedS3 {

    /**
     * What the server needs to know.
     *
     * @param host address to listen on
     * @param port TCP port, 0 for a free one
     * @param data folder that holds one folder per bucket; created when missing
     * @param accessKey the only user's name
     * @param secretKey and its secret
     * @param buckets to create when missing
     */
    record Settings(String host, int port, Path data, String accessKey, String secretKey, List<String> buckets) {

        static Settings of(String[] args) {
            return new Settings(
                    setting(args, "host", "S3_HOST", "127.0.0.1"),
                    Integer.parseInt(setting(args, "port", "S3_PORT", "9000")),
                    Path.of(setting(args, "data", "S3_DATA", "./data/s3")),
                    required(args, "access-key", "S3_ACCESS_KEY"),
                    required(args, "secret-key", "S3_SECRET_KEY"),
                    List.of(setting(args, "bucket", "S3_BUCKET", "comfyui-outputs")
                            .split(",", -1)));
        }

        private static String required(String[] args, String name, String variable) {
            String value = setting(args, name, variable, "");
            if (value.isEmpty()) {
                throw new IllegalArgumentException(variable + " (or --" + name + ") is required");
            }
            return value;
        }

        private static String setting(String[] args, String name, String variable, String fallback) {
            String prefix = "--" + name + "=";
            for (String arg : args) {
                if (arg.startsWith(prefix)) {
                    return arg.substring(prefix.length());
                }
            }
            String value = System.getenv(variable);
            return value == null || value.isBlank() ? fallback : value;
        }
    }

    private final S3Proxy server;

    private EmbeddedS3(S3Proxy server) {
        this.server = server;
    }

    /** Runs until standard input closes. */
    public static void main(String[] args) throws Exception {
        EmbeddedS3 s3;
        try {
            s3 = start(Settings.of(args));
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("Embedded S3 cannot start: " + e.getMessage());
            System.exit(1);
            return;
        }
        System.out.println("READY " + s3.port());
        System.out.flush();
        while (System.in.read() >= 0) {
            // What the parent writes, if anything, means nothing.
        }
        s3.server.stop();
        System.exit(0);
    }

    static EmbeddedS3 start(Settings settings) throws Exception {
        List<String> names = new ArrayList<>();
        for (String bucket : settings.buckets()) {
            String name = bucket.strip();
            // A bucket is a folder here, so its name must not lead elsewhere; these are S3's own rules.
            if (!name.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]") || name.contains("..")) {
                throw new IllegalArgumentException("S3_BUCKET is not a bucket name: " + name);
            }
            names.add(name);
        }
        for (String name : names) {
            Files.createDirectories(settings.data().resolve(name));
        }
        Path data = settings.data().toAbsolutePath().normalize();
        S3Proxy server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(data.toString()))
                .endpoint(URI.create("http://" + settings.host() + ":" + settings.port()))
                .awsAuthentication(AuthenticationType.AWS_V4, settings.accessKey(), settings.secretKey())
                .build();
        server.start();
        return new EmbeddedS3(server);
    }

    int port() {
        return server.getPort();
    }
}
