package dev.comfygateway.simulator.media;

import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;

/** Reads the formats that the JDK reads, and writes what previews need. */
public final class Pictures {

    private Pictures() {}

    private interface Question<T> {
        T ask(ImageReader reader) throws IOException;
    }

    /** Nothing when the file is no picture. */
    private static <T> Optional<T> ask(Path file, Question<T> question) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                return Optional.empty();
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return Optional.of(question.ask(reader));
            } finally {
                reader.dispose();
            }
        }
    }

    /**
     * The first picture in a file.
     *
     * @param maxPixels larger pictures are refused before they are decoded
     * @throws IOException also when the file is no picture
     */
    public static BufferedImage read(Path file, long maxPixels) throws IOException {
        return ask(file, reader -> {
                    if ((long) reader.getWidth(0) * reader.getHeight(0) > maxPixels) {
                        throw new IOException("the image is too large");
                    }
                    return reader.read(0);
                })
                .orElseThrow(() -> new IOException("cannot identify image file"));
    }

    /** The size of the picture in a file, or nothing by nothing when it is none. */
    public static Dimension size(Path file) throws IOException {
        return ask(file, reader -> new Dimension(reader.getWidth(0), reader.getHeight(0)))
                .orElseGet(Dimension::new);
    }

    /** A JPEG of a quality between 0 and 100; opacity is dropped. */
    public static byte[] jpeg(BufferedImage image, int quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam options = writer.getDefaultWriteParam();
            options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            options.setCompressionQuality(Math.clamp(quality, 1, 100) / 100f);
            writer.write(null, new IIOImage(opaque(image), null, null), options);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** A PNG. */
    public static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    /** The colours alone; transparent places keep the colour they have. */
    public static BufferedImage opaque(BufferedImage image) {
        return each(image, BufferedImage.TYPE_INT_RGB, pixel -> pixel);
    }

    /** The opacity alone, on black. */
    public static BufferedImage opacity(BufferedImage image) {
        return each(image, BufferedImage.TYPE_INT_ARGB, pixel -> pixel & 0xFF000000);
    }

    private interface Change {
        int apply(int pixel);
    }

    private static BufferedImage each(BufferedImage image, int type, Change change) {
        int width = image.getWidth();
        BufferedImage result = new BufferedImage(width, image.getHeight(), type);
        int[] row = new int[width];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                row[x] = change.apply(row[x]);
            }
            result.setRGB(0, y, width, 1, row, 0, width);
        }
        return result;
    }
}
