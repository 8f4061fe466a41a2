package dev.comfygateway.cli;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * A result on disk.
 *
 * @param file where
 * @param bytes its length
 * @param pixels width and height as text, or null when it is no image that we can read
 * @param sha256 its checksum
 */
record SavedImage(Path file, long bytes, @Nullable String pixels, String sha256) {

    /** Writes the content into the folder under the name's last part, so that no name leads out of it. */
    static SavedImage save(byte[] content, Path folder, String jobId, String filename) throws IOException {
        Files.createDirectories(folder);
        String last = filename.replaceAll(".*[/\\\\]", "").replaceAll("[^A-Za-z0-9._-]", "_");
        Path file = folder.resolve(jobId + "_" + (last.isEmpty() ? "output" : last));
        Files.write(file, content);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(content));
        return new SavedImage(
                file,
                content.length,
                image == null ? null : image.getWidth() + " x " + image.getHeight(),
                sha256(content));
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
