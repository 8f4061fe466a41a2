package dev.comfygateway.storage.asset;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.springframework.core.io.buffer.DataBuffer;

/** Looks at an upload as it passes: counts, hashes and keeps its first bytes. For one upload, one thread at a time. */
final class Incoming {

    private final long limit;
    private final MessageDigest digest = Hashing.sha256();
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private long size;

    Incoming(long limit) {
        this.limit = limit;
    }

    /**
     * Takes note of a buffer without consuming it.
     *
     * @return whether it is to be kept: false when the upload has become too large
     */
    boolean pass(DataBuffer buffer) {
        size += buffer.readableByteCount();
        if (size > limit) {
            return false;
        }
        try (DataBuffer.ByteBufferIterator parts = buffer.readableByteBuffers()) {
            while (parts.hasNext()) {
                var part = parts.next();
                int wanted = Math.min(ContentTypes.HEAD - head.size(), part.remaining());
                if (wanted > 0) {
                    byte[] first = new byte[wanted];
                    part.duplicate().get(first);
                    head.write(first, 0, wanted);
                }
                digest.update(part);
            }
        }
        return true;
    }

    boolean tooLarge() {
        return size > limit;
    }

    long size() {
        return size;
    }

    String contentType() {
        return ContentTypes.sniff(head.toByteArray());
    }

    /** Hex; ends the hashing, so call it once. */
    String sha256() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
