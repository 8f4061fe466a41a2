package dev.comfygateway.worker.output;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps files on their way: small ones in memory, others on disk, hashing them as they come. Thread safe. */
public final class Spool {

    private static final int CHUNK = 64 * 1024;

    /** So many files of the largest size may be in memory at the same time. */
    private static final int TOGETHER = 8;

    private final Path folder;
    private final int memoryLimit;
    private final AtomicLong inMemory = new AtomicLong();

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
        byte[] buffer = new byte[CHUNK];
        try (SpoolWriter writer = open()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                writer.write(buffer, 0, n);
            }
            return writer.finish();
        }
    }

    /** A file that is written piece by piece. Its bytes are gone unless {@link SpoolWriter#finish} was called. */
    public SpoolWriter open() {
        return new SpoolWriter(this);
    }

    Path folder() {
        return folder;
    }

    /** Takes memory for a file that has grown; false when it is too large for that, or all of them together are. */
    boolean reserve(long grown, long by) {
        if (grown > memoryLimit) {
            return false;
        }
        if (inMemory.addAndGet(by) > (long) memoryLimit * TOGETHER) {
            inMemory.addAndGet(-by);
            return false;
        }
        return true;
    }

    void release(long bytes) {
        inMemory.addAndGet(-bytes);
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
}
