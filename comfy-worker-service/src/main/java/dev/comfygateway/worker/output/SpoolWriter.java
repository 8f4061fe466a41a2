package dev.comfygateway.worker.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Takes the bytes of one file, hashing them as they come. Used by one thread at a time. */
public final class SpoolWriter implements AutoCloseable {

    private final Spool spool;
    private final MessageDigest digest = sha256();
    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private @Nullable Path file;
    private @Nullable OutputStream disk;
    private long size;
    private byte[] head = new byte[0];
    private byte[] tail = new byte[0];
    private boolean finished;

    SpoolWriter(Spool spool) {
        this.spool = spool;
    }

    public void write(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return;
        }
        if (disk == null && !spool.reserve(size + length, length)) {
            file = Files.createTempFile(spool.folder(), "file", ".spool");
            disk = Files.newOutputStream(file);
            memory.writeTo(disk);
            memory = new ByteArrayOutputStream(0);
            spool.release(size);
        }
        if (disk == null) {
            memory.write(buffer, offset, length);
        } else {
            disk.write(buffer, offset, length);
        }
        digest.update(buffer, offset, length);
        if (head.length < SpooledFile.EDGE) {
            head = append(head, buffer, offset, length, true);
        }
        tail = append(tail, buffer, offset, length, false);
        size += length;
    }

    /** The whole file; nothing may be written after. */
    public SpooledFile finish() throws IOException {
        OutputStream open = disk;
        if (open != null) {
            open.close();
        }
        finished = true;
        return new SpooledFile(
                spool,
                open == null ? memory.toByteArray() : null,
                file,
                size,
                HexFormat.of().formatHex(digest.digest()),
                head,
                tail);
    }

    /** Throws the bytes away unless the file was finished. */
    @Override
    public void close() throws IOException {
        if (!finished) {
            OutputStream open = disk;
            if (open != null) {
                open.close();
            } else {
                spool.release(size);
            }
            Spool.deleteQuietly(file);
        }
    }

    /** The first or the last bytes of {@code kept} followed by those of the buffer. */
    private static byte[] append(byte[] kept, byte[] buffer, int offset, int length, boolean first) {
        int edge = SpooledFile.EDGE;
        if (!first && length >= edge) {
            return Arrays.copyOfRange(buffer, offset + length - edge, offset + length);
        }
        int taken = first ? Math.min(length, edge) : length;
        byte[] joined = Arrays.copyOf(kept, kept.length + taken);
        System.arraycopy(buffer, offset, joined, kept.length, taken);
        if (joined.length <= edge) {
            return joined;
        }
        return first ? Arrays.copyOf(joined, edge) : Arrays.copyOfRange(joined, joined.length - edge, joined.length);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
