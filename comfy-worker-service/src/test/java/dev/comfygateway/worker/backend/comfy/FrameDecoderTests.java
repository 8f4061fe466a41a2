package dev.comfygateway.worker.backend.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.worker.backend.comfy.FrameDecoder.Frame;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTests {

    private static final byte[] PICTURE = new byte[3_000_000];

    static {
        new Random(1).nextBytes(PICTURE);
    }

    private final FrameDecoder decoder = new FrameDecoder(TestBackends.spool());

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 4096, 16384, 5_000_000})
    void putsAPictureTogetherHoweverItIsSplit(int part) throws IOException {
        byte[] picture = part < 10 ? Arrays.copyOf(PICTURE, 500) : PICTURE;
        byte[] said = "{\"node_id\":\"2.0\",\"display_node_id\":\"2\",\"image_type\":\"image/png\"}"
                .getBytes(StandardCharsets.UTF_8);

        Frame frame = decode(frame(4, said, picture), part);

        assertThat(frame).isInstanceOfSatisfying(Frame.Picture.class, found -> {
            assertThat(found.mediaType()).isEqualTo("image/png");
            assertThat(found.described().path("display_node_id").asString()).isEqualTo("2");
            assertThat(found.file().size()).isEqualTo(picture.length);
            found.file().close();
        });
    }

    @Test
    void readsPicturesOfOldServers() throws IOException {
        byte[] jpeg =
                ByteBuffer.allocate(12).putInt(1).putInt(1).putInt(0xffd8ffe0).array();
        byte[] png =
                ByteBuffer.allocate(12).putInt(1).putInt(2).putInt(0x89504e47).array();

        assertThat(decode(jpeg, 5)).isInstanceOfSatisfying(Frame.Picture.class, found -> {
            assertThat(found.mediaType()).isEqualTo("image/jpeg");
            assertThat(found.described().isMissingNode()).isTrue();
            assertThat(found.file().size()).isEqualTo(4);
        });
        assertThat(decode(png, 5))
                .isInstanceOfSatisfying(
                        Frame.Picture.class,
                        found -> assertThat(found.mediaType()).isEqualTo("image/png"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void readsText(int part) throws IOException {
        byte[] id = "12:3".getBytes(StandardCharsets.UTF_8);

        assertThat(decode(frame(3, id, "grüße".getBytes(StandardCharsets.UTF_8)), part))
                .isEqualTo(new Frame.Text("12:3", "grüße"));
    }

    @Test
    void skipsWhatItDoesNotKnowAndGoesOn() throws IOException {
        assertThat(decode(ByteBuffer.allocate(40).putInt(9).array(), 3)).isNull();
        assertThat(decode(new byte[3], 3)).isNull();
        assertThat(decode(ByteBuffer.allocate(20).putInt(4).putInt(-1).array(), 20))
                .isNull();
        assertThat(decode(ByteBuffer.allocate(20).putInt(4).putInt(1 << 30).array(), 20))
                .isNull();
        assertThat(decode(frame(4, "no json".getBytes(StandardCharsets.UTF_8), new byte[9]), 20))
                .isNull();
        assertThat(decode(ByteBuffer.allocate(20).putInt(3).putInt(99).array(), 20))
                .isNull();
        assertThat(decode(frame(3, new byte[] {'7'}, new byte[] {'x'}), 20)).isEqualTo(new Frame.Text("7", "x"));
    }

    private @Nullable Frame decode(byte[] frame, int part) throws IOException {
        for (int at = 0; at < frame.length; at += part) {
            int end = Math.min(frame.length, at + part);
            Frame found = decoder.accept(ByteBuffer.wrap(frame, at, end - at), end == frame.length);
            if (end == frame.length) {
                return found;
            }
            assertThat(found).isNull();
        }
        throw new IllegalArgumentException("empty");
    }

    private static byte[] frame(int type, byte[] head, byte[] content) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(ByteBuffer.allocate(8).putInt(type).putInt(head.length).array());
        all.writeBytes(head);
        all.writeBytes(content);
        return all.toByteArray();
    }
}
