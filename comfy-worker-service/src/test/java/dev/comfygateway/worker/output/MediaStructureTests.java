package dev.comfygateway.worker.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.testing.FakeComfyUi;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Proves("X-3")
class MediaStructureTests {

    @TempDir
    private Path folder;

    static Stream<Arguments> files() throws IOException {
        byte[] ftyp = box("ftyp", "isom\0\0\2\0isommp42");
        byte[] mp4 = join(ftyp, box("moov", "x".repeat(40)), box("mdat", "y".repeat(100)));
        byte[] large = join(
                ftyp,
                ByteBuffer.allocate(16).putInt(1).put(ascii("mdat")).putLong(16).array());
        byte[] webm = join(
                bytes(0x1a, 0x45, 0xdf, 0xa3, 0x84),
                ascii("webm"),
                bytes(0x18, 0x53, 0x80, 0x67, 0x40, 20),
                new byte[20]);
        byte[] wav = join(ascii("RIFF"), little(36), ascii("WAVE"), new byte[32]);
        byte[] webp = join(ascii("RIFF"), little(24), ascii("WEBP"), new byte[20]);
        byte[] glb = join(ascii("glTF"), little(2), little(32), new byte[20]);
        byte[] latent = join(new byte[] {12, 0, 0, 0, 0, 0, 0, 0}, ascii("{\"a\":[1,2]} "), new byte[8]);
        return Stream.of(
                Arguments.of("a.png", "image/png", FakeComfyUi.png()),
                Arguments.of("a.mp4", "video/mp4", mp4),
                Arguments.of("a.mov", "video/mp4", join(large, box("moov", ""))),
                Arguments.of("a.webm", "video/webm", webm),
                Arguments.of("a.wav", "audio/wav", wav),
                Arguments.of("a.webp", "image/webp", webp),
                Arguments.of("a.glb", "model/gltf-binary", glb),
                Arguments.of("a.latent", "application/octet-stream", latent));
    }

    @ParameterizedTest
    @MethodSource("files")
    void knowsWholeFilesInMemoryAndOnDisk(String name, String type, byte[] bytes) throws IOException {
        assertThat(verify(name, bytes, 1 << 20)).isEqualTo(type);
        assertThat(verify(name, bytes, 0)).isEqualTo(type);
    }

    @ParameterizedTest
    @MethodSource("files")
    void refusesThemWhereverTheyBreakOff(String name, String type, byte[] bytes) throws IOException {
        int sure = type.equals("application/octet-stream") ? 15 : bytes.length - 1;
        for (int length = 1; length <= sure; length++) {
            String found = verify(name, Arrays.copyOf(bytes, length), 0);
            assertThat(found)
                    .as("%s of %d of %d bytes", name, length, bytes.length)
                    .isNull();
        }
    }

    @Test
    void findsADamagedByteInAPicture() throws IOException {
        byte[] png = FakeComfyUi.png();
        png[png.length - 20] ^= 1;

        assertThat(verify("a.png", png, 0)).isNull();
    }

    @Test
    void takesTheLengthOfALiveVideoAsOpen() throws IOException {
        byte[] live = join(
                bytes(0x1a, 0x45, 0xdf, 0xa3, 0x84),
                ascii("webm"),
                bytes(0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                new byte[20]);

        assertThat(verify("a.webm", live, 0)).isEqualTo("video/webm");
    }

    @Test
    void believesATextThatBeginsLikeAPicture() throws IOException {
        assertThat(verify("a.txt", ascii("BMW and others"), 0)).isEqualTo("text/plain");
        assertThat(verify("a.odd", ascii("BMW and others"), 0)).isEqualTo("application/octet-stream");
    }

    private @Nullable String verify(String name, byte[] bytes, int memory) throws IOException {
        try (SpooledFile file = new Spool(folder, memory).take(new ByteArrayInputStream(bytes))) {
            return MediaTypes.verify(name, file);
        }
    }

    private static byte[] box(String name, String content) {
        return ByteBuffer.allocate(8 + content.length())
                .putInt(8 + content.length())
                .put(ascii(name))
                .put(ascii(content))
                .array();
    }

    private static byte[] little(int number) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }
}
