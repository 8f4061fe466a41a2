package dev.comfygateway.simulator.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Videos: always the same short clip, in one of two containers, with a note that makes each file its own. A simulator
 * need not encode video; it needs files that players accept.
 */
public final class Clips {

    /** Where the eight bytes of the size of the WEBM clip's segment are, behind their marker. */
    private static final int SEGMENT_SIZE_AT = 0x28;

    private Clips() {}

    /** H.264 in MP4. */
    public static byte[] mp4(String note) {
        return new ByteSink()
                .bytes(resource("clip.mp4"))
                .bytes(mp4Padding(8L + note.getBytes(StandardCharsets.UTF_8).length))
                .bytes(note.getBytes(StandardCharsets.UTF_8))
                .toBytes();
    }

    /** VP9 in WEBM. */
    public static byte[] webm(String note) {
        byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
        return new ByteSink()
                .bytes(webmHead(9L + bytes.length))
                .bytes(webmPadding(9L + bytes.length))
                .bytes(bytes)
                .toBytes();
    }

    /** The clip, whole. */
    static byte[] mp4Head() {
        return resource("clip.mp4");
    }

    /** The start of a box that players skip; its size includes these eight bytes. */
    static byte[] mp4Padding(long size) {
        return new ByteSink().big(size, 4).text("free").toBytes();
    }

    /** The clip, its segment made longer by that much. */
    static byte[] webmHead(long more) {
        byte[] clip = resource("clip.webm");
        ByteBuffer buffer = ByteBuffer.wrap(clip);
        // The marker's bit stays in place, for the size is far below 2^56.
        buffer.putLong(SEGMENT_SIZE_AT, buffer.getLong(SEGMENT_SIZE_AT) + more);
        return clip;
    }

    /** The start of an element that players skip; its size includes these nine bytes. */
    static byte[] webmPadding(long size) {
        return new ByteSink().big(0xEC, 1).big(1L << 56 | (size - 9), 8).toBytes();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(Clips.class.getResourceAsStream("/media/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
