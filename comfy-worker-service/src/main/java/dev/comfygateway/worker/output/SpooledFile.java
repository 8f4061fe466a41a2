package dev.comfygateway.worker.output;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/** A file that was read whole. Close it to free its memory or disk. */
public final class SpooledFile implements AutoCloseable {

    /** How many bytes of both ends are kept for looking at. */
    static final int EDGE = 64;

    private final Spool spool;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final byte @Nullable [] memory;
    private final @Nullable Path file;
    private final long size;
    private final String sha256;
    private final byte[] head;
    private final byte[] tail;

    SpooledFile(
            Spool spool,
            byte @Nullable [] memory,
            @Nullable Path file,
            long size,
            String sha256,
            byte[] head,
            byte[] tail) {
        this.spool = spool;
        this.memory = memory;
        this.file = file;
        this.size = size;
        this.sha256 = sha256;
        this.head = head;
        this.tail = tail;
    }

    public long size() {
        return size;
    }

    /** Lower-case hex. */
    public String sha256() {
        return sha256;
    }

    byte[] head() {
        return head;
    }

    byte[] tail() {
        return tail;
    }

    /** Up to that many bytes from a position on; fewer where the file ends. */
    byte[] read(long position, int length) throws IOException {
        int wanted = (int) Math.max(0, Math.min(length, size - position));
        if (memory != null) {
            return Arrays.copyOfRange(memory, (int) position, (int) position + wanted);
        }
        ByteBuffer buffer = ByteBuffer.allocate(wanted);
        try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
                // reads on until all is there
            }
        }
        return buffer.array();
    }

    boolean onDisk() {
        return file != null;
    }

    /** All of it. */
    public byte[] bytes() throws IOException {
        return read(0, Math.toIntExact(size));
    }

    /** The bytes as a request body with a known length; usable again and again. */
    public BodyPublisher body() throws FileNotFoundException {
        return memory != null ? BodyPublishers.ofByteArray(memory) : BodyPublishers.ofFile(path());
    }

    /** The bytes as a part of a form. */
    public Resource resource(String filename) {
        if (memory != null) {
            return new ByteArrayResource(memory) {
                @Override
                public String getFilename() {
                    return filename;
                }
            };
        }
        return new FileSystemResource(path()) {
            @Override
            public String getFilename() {
                return filename;
            }
        };
    }

    private Path path() {
        return Objects.requireNonNull(file);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            if (memory != null) {
                spool.release(size);
            }
            Spool.deleteQuietly(file);
        }
    }
}
