package dev.comfygateway.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WebpWriterTests {

    private record Chunk(String name, ByteBuffer data) {}

    /** A slope with some noise: skewed counts, long codes, and all four channels when there is alpha. */
    private static BufferedImage picture(int width, int height, int type, int noise, long seed) {
        BufferedImage image = new BufferedImage(width, height, type);
        Random random = new Random(seed);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int extra = random.nextInt(64) == 0 ? random.nextInt(noise) : 0;
                image.setRGB(x, y, (255 - x % 200) << 24 | (x * 3 & 255) << 16 | (y * 2 + extra & 255) << 8 | extra);
            }
        }
        return image;
    }

    private static List<Chunk> chunks(ByteBuffer data) {
        ByteBuffer rest = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<Chunk> chunks = new ArrayList<>();
        while (rest.hasRemaining()) {
            byte[] name = new byte[4];
            rest.get(name);
            int size = rest.getInt();
            chunks.add(new Chunk(
                    new String(name, StandardCharsets.US_ASCII),
                    rest.slice(rest.position(), size).order(ByteOrder.LITTLE_ENDIAN)));
            rest.position(rest.position() + size + size % 2);
        }
        return chunks;
    }

    private static ByteBuffer body(byte[] file) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(file, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
        assertThat(buffer.getInt(4)).isEqualTo(file.length - 8);
        assertThat(new String(file, 8, 4, StandardCharsets.US_ASCII)).isEqualTo("WEBP");
        return buffer.slice(12, file.length - 12);
    }

    private static void assertSame(ByteBuffer data, BufferedImage image) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        int[] read = Vp8lReader.read(bytes);
        assertThat(read[0]).isEqualTo(image.getWidth());
        assertThat(read[1]).isEqualTo(image.getHeight());
        assertThat(Arrays.copyOfRange(read, 2, read.length))
                .isEqualTo(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()));
    }

    @Test
    void keepsEveryPixel() {
        for (BufferedImage image : List.of(
                picture(1, 1, BufferedImage.TYPE_INT_RGB, 1, 1),
                picture(64, 40, BufferedImage.TYPE_INT_RGB, 1, 2),
                picture(601, 33, BufferedImage.TYPE_INT_RGB, 200, 3),
                picture(130, 70, BufferedImage.TYPE_INT_ARGB, 256, 4))) {
            List<Chunk> chunks = chunks(body(WebpWriter.write(image)));

            assertThat(chunks).extracting(Chunk::name).containsExactly("VP8L");
            assertSame(chunks.getFirst().data(), image);
        }
    }

    @Test
    void limitsTheLengthOfCodes() {
        int[] counts = new int[256];
        counts[0] = 1;
        counts[1] = 1;
        for (int i = 2; i < 40; i++) {
            counts[i] = counts[i - 1] + counts[i - 2];
        }
        BitSink sink = new BitSink();
        PrefixCode code = PrefixCode.of(counts);
        for (int i = 0; i < 40; i++) {
            code.put(sink, i);
        }

        assertThat(sink.toBytes()).hasSizeLessThanOrEqualTo(40 * 15 / 8 + 1);
    }

    @Test
    void animates() {
        List<BufferedImage> frames = List.of(
                picture(32, 20, BufferedImage.TYPE_INT_RGB, 9, 1), picture(32, 20, BufferedImage.TYPE_INT_RGB, 9, 2));

        List<Chunk> chunks = chunks(body(WebpWriter.animation(frames, Duration.ofMillis(166))));

        assertThat(chunks).extracting(Chunk::name).containsExactly("VP8X", "ANIM", "ANMF", "ANMF");
        assertThat(chunks.get(0).data().getInt(0)).as("animated, opaque").isEqualTo(2);
        assertThat(chunks.get(0).data().getShort(4)).isEqualTo((short) 31);
        assertThat(chunks.get(0).data().getShort(7)).isEqualTo((short) 19);
        for (int i = 0; i < 2; i++) {
            ByteBuffer frame = chunks.get(2 + i).data();
            assertThat(frame.getShort(12)).as("milliseconds").isEqualTo((short) 166);
            assertSame(chunks(frame.slice(16, frame.limit() - 16)).getFirst().data(), frames.get(i));
        }
    }
}
