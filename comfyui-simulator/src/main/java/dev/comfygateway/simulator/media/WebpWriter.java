package dev.comfygateway.simulator.media;

import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.List;

/**
 * Writes WebP files, always lossless, of one picture or several. The JDK has no writer of the format, and the libraries
 * that have one bring native code.
 */
public final class WebpWriter {

    /** The format has 14 bits for a side. */
    public static final int LONGEST_SIDE = 1 << 14;

    private static final int ANIMATION = 0x02;
    private static final int ALPHA = 0x10;
    /** Each frame replaces what was there. */
    private static final int NOT_BLENDED = 0x02;

    private WebpWriter() {}

    /** A file with one picture. */
    public static byte[] write(BufferedImage image) {
        return file(chunk("VP8L", LosslessBitstream.of(image)));
    }

    /** A file that shows pictures of one size, each that long, for ever. */
    public static byte[] animation(List<BufferedImage> images, Duration each) {
        BufferedImage first = images.getFirst();
        ByteSink chunks = new ByteSink();
        ByteSink canvas = new ByteSink()
                .little(ANIMATION | (first.getColorModel().hasAlpha() ? ALPHA : 0), 4)
                .little(first.getWidth() - 1, 3)
                .little(first.getHeight() - 1, 3);
        chunks.bytes(chunk("VP8X", canvas.toBytes()));
        chunks.bytes(chunk("ANIM", new byte[6]));
        for (BufferedImage image : images) {
            ByteSink frame = new ByteSink()
                    .little(0, 6)
                    .little(image.getWidth() - 1, 3)
                    .little(image.getHeight() - 1, 3)
                    .little(Math.clamp(each.toMillis(), 1, (1 << 24) - 1), 3)
                    .little(NOT_BLENDED, 1)
                    .bytes(chunk("VP8L", LosslessBitstream.of(image)));
            chunks.bytes(chunk("ANMF", frame.toBytes()));
        }
        return file(chunks.toBytes());
    }

    private static byte[] file(byte[] chunks) {
        return new ByteSink()
                .text("RIFF")
                .little(4 + chunks.length, 4)
                .text("WEBP")
                .bytes(chunks)
                .toBytes();
    }

    private static byte[] chunk(String name, byte[] data) {
        // Chunks start at even places; the padding is not part of the length.
        return new ByteSink()
                .text(name)
                .little(data.length, 4)
                .bytes(data)
                .align(2, 0)
                .toBytes();
    }
}
