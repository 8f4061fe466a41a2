package dev.comfygateway.worker.backend.comfy;

import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.output.SpoolWriter;
import dev.comfygateway.worker.output.SpooledFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Puts binary frames together as their parts arrive. A frame begins with its type, big-endian like all its numbers: 1
 * is a picture after a format number (1 JPEG, 2 PNG); 3 is text after the length and the name of its node; 4 is a
 * picture after the length and the text of a JSON object. Pictures are spooled, so their size does not matter. Thread safe, because
 * a connection may be given up while it reads.
 */
final class FrameDecoder {

    /** Frames that say more before their content are not ComfyUI's. */
    private static final int HEADER_LIMIT = 64 * 1024;

    private static final int TEXT_LIMIT = 256 * 1024;

    /** A whole frame. */
    sealed interface Frame {

        /**
         * @param described what the frame says about itself; a missing node when it says nothing
         * @param mediaType of the file
         */
        record Picture(JsonNode described, String mediaType, SpooledFile file) implements Frame {}

        record Text(String nodeId, String text) implements Frame {}
    }

    private final Spool spool;
    private ByteArrayOutputStream start = new ByteArrayOutputStream();
    private @Nullable SpoolWriter picture;
    private @Nullable JsonNode described;
    private String mediaType = "";
    private boolean skipping;

    FrameDecoder(Spool spool) {
        this.spool = spool;
    }

    /**
     * Takes the next part.
     *
     * @return the frame, when this was its last part and it is one we know
     */
    synchronized @Nullable Frame accept(ByteBuffer part, boolean last) throws IOException {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        if (!skipping) {
            try {
                take(bytes);
            } catch (IOException e) {
                reset();
                skipping = !last;
                throw e;
            }
        }
        if (!last) {
            return null;
        }
        try {
            return skipping ? null : complete();
        } finally {
            reset();
        }
    }

    /** Forgets the frame under way. */
    synchronized void reset() throws IOException {
        SpoolWriter open = picture;
        if (open != null) {
            open.close();
        }
        picture = null;
        described = null;
        skipping = false;
        start = new ByteArrayOutputStream();
    }

    private void take(byte[] bytes) throws IOException {
        SpoolWriter open = picture;
        if (open != null) {
            open.write(bytes, 0, bytes.length);
            return;
        }
        start.writeBytes(bytes);
        if (start.size() < 8) {
            return;
        }
        byte[] soFar = start.toByteArray();
        ByteBuffer head = ByteBuffer.wrap(soFar);
        int type = head.getInt();
        int second = head.getInt();
        switch (type) {
            case 1 -> begin(soFar, 8, ComfyClient.JSON.missingNode(), second == 2 ? "image/png" : "image/jpeg");
            case 3 -> skipping = start.size() > TEXT_LIMIT;
            case 4 -> {
                if (second < 0 || second > HEADER_LIMIT) {
                    skipping = true;
                } else if (head.remaining() >= second) {
                    byte[] json = new byte[second];
                    head.get(json);
                    try {
                        JsonNode said = ComfyClient.JSON.readTree(json);
                        begin(soFar, 8 + second, said, said.path("image_type").asString("image/jpeg"));
                    } catch (JacksonException e) {
                        skipping = true;
                    }
                }
            }
            default -> skipping = true;
        }
    }

    private void begin(byte[] soFar, int offset, JsonNode said, String type) throws IOException {
        SpoolWriter open = spool.open();
        picture = open;
        described = said;
        mediaType = type;
        open.write(soFar, offset, soFar.length - offset);
        start = new ByteArrayOutputStream();
    }

    private @Nullable Frame complete() throws IOException {
        SpoolWriter open = picture;
        JsonNode said = described;
        if (open != null && said != null) {
            return new Frame.Picture(said, mediaType, open.finish());
        }
        byte[] whole = start.toByteArray();
        ByteBuffer head = ByteBuffer.wrap(whole);
        if (whole.length < 8 || head.getInt() != 3) {
            return null;
        }
        int length = head.getInt();
        if (length < 0 || length > head.remaining()) {
            return null;
        }
        int at = 8 + length;
        return new Frame.Text(
                new String(whole, 8, length, StandardCharsets.UTF_8),
                new String(whole, at, whole.length - at, StandardCharsets.UTF_8));
    }
}
