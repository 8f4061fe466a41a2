package dev.comfygateway.worker.reporting;

import dev.comfygateway.worker.backend.comfy.PromptSignal;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A picture that is small enough to travel with events.
 *
 * @param contentType {@code image/jpeg} or {@code image/png}
 * @param bytes at most as many as asked for
 */
@SuppressWarnings("ArrayRecordComponent") // made, sent and thrown away
record SmallPicture(String contentType, byte[] bytes) {

    /** Larger ones are no previews. */
    private static final int MOST_BYTES = 16 * 1024 * 1024;

    private static final int LONGEST_SIDE = 512;

    /** The picture itself where it is small enough, else a smaller JPEG of it; null when it cannot be read. */
    static @Nullable SmallPicture of(PromptSignal.Picture picture, int limit) throws IOException {
        if (picture.file().size() <= limit) {
            return new SmallPicture(picture.mediaType(), picture.file().bytes());
        }
        if (picture.file().size() > MOST_BYTES) {
            return null;
        }
        BufferedImage image = read(picture.file().bytes());
        for (int side = LONGEST_SIDE; image != null && side >= 64; side /= 2) {
            byte[] jpeg = jpeg(image, side);
            if (jpeg.length <= limit) {
                return new SmallPicture("image/jpeg", jpeg);
            }
        }
        return null;
    }

    /** Leaves out pixels while reading, so that a huge picture does not fill the memory. */
    private static @Nullable BufferedImage read(byte[] bytes) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                return null;
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                int longest = Math.max(reader.getWidth(0), reader.getHeight(0));
                ImageReadParam param = reader.getDefaultReadParam();
                int step = Math.max(1, longest / (2 * LONGEST_SIDE));
                param.setSourceSubsampling(step, step, 0, 0);
                return reader.read(0, param);
            } finally {
                reader.dispose();
            }
        }
    }

    private static byte[] jpeg(BufferedImage image, int side) throws IOException {
        double scale = Math.min(1, (double) side / Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) (image.getWidth() * scale));
        int height = Math.max(1, (int) (image.getHeight() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(small, "jpeg", out);
        return out.toByteArray();
    }
}
