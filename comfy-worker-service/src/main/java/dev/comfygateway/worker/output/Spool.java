package dev.comfygateway.worker.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps files on their way: small ones in memory, others on disk, hashing them as they come. Thread safe. */
public final class Spool {

    private static final int CHUNK = 64 * 1024;

    private final Path folder;
    private final int memoryLimit;

    /**
     * @param folder made when missing; what an earlier process left there is removed
     * @param memoryLimit bytes a file may have to stay in memory
     */
    public Spool(Path folder, int memoryLimit) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.memoryLimit = memoryLimit;
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.filter(path -> path.getFileName().toString().endsWith(".spool"))
                    .toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Reads the stream to its end. */
    public SpooledFile take(InputStream in) throws IOException {
        MessageDigest digest = sha256();
        ByteArrayOutputStream memory = new ByteArrayOutputStream();
        Path file = null;
        OutputStream disk = null;
        long size = 0;
        byte[] tail = new byte[0];
        byte[] head = new byte[0];
        byte[] buffer = new byte[CHUNK];
        boolean done = false;
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (n == 0) {
                    continue;
                }
                if (disk == null && size + n > memoryLimit) {
                    file = Files.createTempFile(folder, "file", ".spool");
                    disk = Files.newOutputStream(file);
                    memory.writeTo(disk);
                    memory = new ByteArrayOutputStream(0);
                }
                if (disk == null) {
                    memory.write(buffer, 0, n);
                } else {
                    disk.write(buffer, 0, n);
                }
                digest.update(buffer, 0, n);
                if (head.length < SpooledFile.EDGE) {
                    head = append(head, buffer, n, true);
                }
                tail = append(tail, buffer, n, false);
                size += n;
            }
            done = true;
        } finally {
            if (disk != null) {
                disk.close();
            }
            if (!done) {
                deleteQuietly(file);
            }
        }
        return new SpooledFile(
                disk == null ? memory.toByteArray() : null,
                file,
                size,
                HexFormat.of().formatHex(digest.digest()),
                head,
                tail);
    }

    /** The first or the last bytes of {@code kept} followed by {@code n} bytes of the buffer. */
    private static byte[] append(byte[] kept, byte[] buffer, int n, boolean first) {
        int edge = SpooledFile.EDGE;
        if (!first && n >= edge) {
            return Arrays.copyOfRange(buffer, n - edge, n);
        }
        byte[] joined = Arrays.copyOf(kept, kept.length + n);
        System.arraycopy(buffer, 0, joined, kept.length, n);
        if (joined.length <= edge) {
            return joined;
        }
        return first ? Arrays.copyOf(joined, edge) : Arrays.copyOfRange(joined, joined.length - edge, joined.length);
    }

    static void deleteQuietly(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
