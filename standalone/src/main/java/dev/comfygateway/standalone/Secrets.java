package dev.comfygateway.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Set;

/**
 * The secrets of one data folder, made once and then kept.
 *
 * @param file where they are kept, readable by the owner only
 * @param internalToken signs the tokens between the services
 * @param s3AccessKey user of the embedded S3 server
 * @param s3SecretKey its password
 * @param webhookSecret signs webhook deliveries
 */
record Secrets(Path file, String internalToken, String s3AccessKey, String s3SecretKey, String webhookSecret) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Reads the folder's secrets, making those that are missing. */
    static Secrets of(Path folder) throws IOException {
        Path file = folder.resolve("secrets.properties");
        Properties known = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                known.load(in);
            }
        }
        boolean changed = makeIfMissing(known, "internal-token-secret", "", 32);
        changed |= makeIfMissing(known, "s3-access-key", "comfygw-", 8);
        changed |= makeIfMissing(known, "s3-secret-key", "", 32);
        changed |= makeIfMissing(known, "webhook-secret", "whsec_", 32);
        if (changed) {
            write(file, known);
        }
        return new Secrets(
                file,
                known.getProperty("internal-token-secret"),
                known.getProperty("s3-access-key"),
                known.getProperty("s3-secret-key"),
                known.getProperty("webhook-secret"));
    }

    private static boolean makeIfMissing(Properties known, String name, String prefix, int bytes) {
        if (!known.getProperty(name, "").isBlank()) {
            return false;
        }
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        known.setProperty(name, prefix + HexFormat.of().formatHex(random));
        return true;
    }

    private static void write(Path file, Properties secrets) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        // Private from the first byte on, not only after a later change of mode.
        var channel = posix
                ? Files.newByteChannel(
                        next,
                        options,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
                : Files.newByteChannel(next, options);
        try (channel;
                OutputStream out = Channels.newOutputStream(channel)) {
            secrets.store(out, "Secrets of this data folder; without them its jobs and images cannot be read");
        }
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Never shows a secret. */
    @Override
    public String toString() {
        return "Secrets[" + file + "]";
    }
}
