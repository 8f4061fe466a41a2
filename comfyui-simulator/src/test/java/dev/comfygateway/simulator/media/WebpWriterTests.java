package dev.comfygateway.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class WebpWriterTests {

    private static BufferedImage image(int width, int height, int type, IntBinaryOperator pixel) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, pixel.applyAsInt(x, y));
            }
        }
        return image;
    }

    /** What another implementation reads is what was written, pixel for pixel. */
    private static byte[] assertSurvives(BufferedImage image) throws IOException {
        byte[] webp = WebpWriter.write(image);
        assertSame(webp, image);
        return webp;
    }

    private static void assertSame(byte[] webp, BufferedImage image) throws IOException {
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(webp));
        assertThat(read).isNotNull();
        int width = image.getWidth();
        int height = image.getHeight();
        assertThat(read.getWidth()).isEqualTo(width);
        assertThat(read.getHeight()).isEqualTo(height);
        assertThat(read.getRGB(0, 0, width, height, null, 0, width))
                .containsExactly(image.getRGB(0, 0, width, height, null, 0, width));
    }

    @Test
    void keepsFlatPicturesAndMakesThemSmall() throws IOException {
        byte[] webp = assertSurvives(image(512, 300, BufferedImage.TYPE_INT_RGB, (x, y) -> 0x336699));

        assertThat(webp).hasSizeLessThan(1000).startsWith('R', 'I', 'F', 'F');
    }

    @Test
    void keepsSinglePixelsRowsAndColumns() throws IOException {
        assertSurvives(image(1, 1, BufferedImage.TYPE_INT_RGB, (x, y) -> 0x010203));
        assertSurvives(image(1, 1, BufferedImage.TYPE_INT_ARGB, (x, y) -> 0x80FF0001));
        assertSurvives(image(700, 1, BufferedImage.TYPE_INT_RGB, (x, y) -> x * 77));
        assertSurvives(image(1, 700, BufferedImage.TYPE_INT_RGB, (x, y) -> y * 77));
    }

    @Test
    void keepsGradientsNoiseAndOpacity() throws IOException {
        Random random = new Random(7);
        assertSurvives(image(257, 129, BufferedImage.TYPE_INT_RGB, (x, y) -> (x << 16) | (y << 8) | ((x + y) & 0xFF)));
        assertSurvives(image(100, 100, BufferedImage.TYPE_INT_RGB, (x, y) -> random.nextInt(0x1000000)));
        assertSurvives(image(64, 64, BufferedImage.TYPE_INT_ARGB, (x, y) -> random.nextInt()));
        assertSurvives(image(90, 40, BufferedImage.TYPE_INT_ARGB, (x, y) -> x / 9 % 2 == 0 ? 0xFF00FF00 : 0x40102030));
    }

    @Test
    void keepsPicturesWhoseCodesWouldBecomeTooLong() throws IOException {
        // Values that occur as often as Fibonacci's numbers say make the deepest trees.
        int[] values = new int[1 << 17];
        int at = 0;
        int count = 1;
        int before = 1;
        for (int value = 0; value < 22 && at < values.length; value++) {
            for (int i = 0; i < count && at < values.length; i++) {
                values[at++] = value * 11;
            }
            int sum = count + before;
            before = count;
            count = sum;
        }
        Random random = new Random(3);
        for (int i = at - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = values[i];
            values[i] = values[other];
            values[other] = kept;
        }
        assertSurvives(image(256, at / 256, BufferedImage.TYPE_INT_RGB, (x, y) -> values[y * 256 + x] << 8));
    }

    @Test
    void refusesSidesThatTheFormatCannotSay() {
        BufferedImage wide = new BufferedImage(WebpWriter.LONGEST_SIDE + 1, 1, BufferedImage.TYPE_INT_RGB);

        assertThatThrownBy(() -> WebpWriter.write(wide)).isInstanceOf(IllegalArgumentException.class);
    }

    private record Chunk(String name, ByteBuffer data) {}

    private static List<Chunk> chunks(ByteBuffer data) {
        ByteBuffer rest = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<Chunk> chunks = new ArrayList<>();
        while (rest.hasRemaining()) {
            byte[] name = new byte[4];
            rest.get(name);
            int size = rest.getInt();
            ByteBuffer content = rest.slice(rest.position(), size).order(ByteOrder.LITTLE_ENDIAN);
            chunks.add(new Chunk(new String(name, StandardCharsets.US_ASCII), content));
            rest.position(rest.position() + size + size % 2);
        }
        return chunks;
    }

    private static List<Chunk> chunks(byte[] file) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(file, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
        assertThat(buffer.getInt(4)).isEqualTo(file.length - 8);
        assertThat(new String(file, 8, 4, StandardCharsets.US_ASCII)).isEqualTo("WEBP");
        return chunks(buffer.slice(12, file.length - 12));
    }

    /** The picture in a frame of an animation, as a file of its own. */
    private static byte[] still(ByteBuffer frame) {
        ByteBuffer picture = frame.slice(16, frame.limit() - 16);
        ByteBuffer file = ByteBuffer.allocate(12 + picture.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(4 + picture.remaining());
        file.put("WEBP".getBytes(StandardCharsets.US_ASCII)).put(picture);
        return file.array();
    }

    @Test
    void animates() throws IOException {
        Random random = new Random(5);
        List<BufferedImage> frames = List.of(
                image(32, 20, BufferedImage.TYPE_INT_RGB, (x, y) -> ((x * 3) << 16) | (y * 5)),
                image(32, 20, BufferedImage.TYPE_INT_RGB, (x, y) -> random.nextInt(0x1000000)));

        List<Chunk> chunks = chunks(WebpWriter.animation(frames, Duration.ofMillis(166)));

        assertThat(chunks).extracting(Chunk::name).containsExactly("VP8X", "ANIM", "ANMF", "ANMF");
        assertThat(chunks.get(0).data().getInt(0)).as("animated, opaque").isEqualTo(2);
        assertThat(chunks.get(0).data().getShort(4)).isEqualTo((short) 31);
        assertThat(chunks.get(0).data().getShort(7)).isEqualTo((short) 19);
        for (int i = 0; i < 2; i++) {
            ByteBuffer frame = chunks.get(2 + i).data();
            assertThat(frame.getShort(12)).as("milliseconds").isEqualTo((short) 166);
            assertSame(still(frame), frames.get(i));
        }
    }
}
