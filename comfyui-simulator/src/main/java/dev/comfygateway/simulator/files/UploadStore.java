package dev.comfygateway.simulator.files;

import dev.comfygateway.simulator.graph.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Keeps uploaded files under names that are free. */
@Component
public class UploadStore {

    private final Folders folders;

    UploadStore(Folders folders) {
        this.folders = folders;
    }

    /**
     * Where an upload shall go.
     *
     * @param name the wanted name
     * @param type the root
     * @param subfolder the folder below it
     * @param overwrite whether a file of that name is replaced
     */
    public record Request(String name, String type, String subfolder, boolean overwrite) {}

    /**
     * Where an upload went.
     *
     * @param name the name it got
     * @param subfolder the folder below the root
     * @param type the root
     */
    public record Stored(String name, String subfolder, String type) {}

    /**
     * Moves a received file to its place; the received file is gone afterwards.
     *
     * @return null when the place is outside the root
     * @throws IOException also when the name itself has a folder that is absent
     */
    public synchronized @Nullable Stored store(Request wanted, Path received) throws IOException {
        try {
            Path place = place(wanted, received);
            if (place == null) {
                return null;
            }
            if (wanted.overwrite() || !Files.exists(place)) {
                Files.move(received, place, StandardCopyOption.REPLACE_EXISTING);
            }
            return new Stored(name(wanted, place), wanted.subfolder(), wanted.type());
        } finally {
            Files.deleteIfExists(received);
        }
    }

    /** Puts the alpha of the received picture onto the original; when that fails, nothing is written and nobody told. */
    public synchronized @Nullable Stored storeMask(Request wanted, Path received, String originalRef)
            throws IOException {
        try {
            Path place = place(wanted, received);
            if (place == null) {
                return null;
            }
            BufferedImage masked = masked(received, originalRef);
            if (masked != null) {
                ImageIO.write(masked, "png", place.toFile());
            }
            return new Stored(name(wanted, place), wanted.subfolder(), wanted.type());
        } finally {
            Files.deleteIfExists(received);
        }
    }

    private @Nullable Path place(Request wanted, Path received) throws IOException {
        Path root = folders.root(wanted.type());
        if (root == null) {
            throw new IOException("no such upload type");
        }
        Path folder = Folders.inside(root, wanted.subfolder());
        Path place = folder == null ? null : folder.resolve(wanted.name()).normalize();
        if (folder == null || place == null || !place.startsWith(root)) {
            return null;
        }
        Files.createDirectories(folder);
        String stem = stem(wanted.name());
        String extension = wanted.name().substring(stem.length());
        for (int i = 1; !wanted.overwrite() && Files.exists(place) && Files.mismatch(place, received) >= 0; i++) {
            place = folder.resolve(stem + " (" + i + ")" + extension);
        }
        return place;
    }

    private static String name(Request wanted, Path place) {
        // The folder part of a name, if it has one, stays part of it.
        int slash = wanted.name().lastIndexOf('/');
        return wanted.name().substring(0, slash + 1) + place.getFileName();
    }

    private static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }

    private @Nullable BufferedImage masked(Path received, String originalRef) throws IOException {
        JsonNode reference;
        try {
            reference = Json.parse(originalRef);
        } catch (JacksonException e) {
            return null;
        }
        String name = reference.path("filename").asString("");
        String subfolder = reference.path("subfolder").asString("");
        String type = reference.path("type").asString("output");
        Path original = folders.annotated((subfolder.isEmpty() ? "" : subfolder + "/") + name + " [" + type + "]");
        BufferedImage mask = ImageIO.read(received.toFile());
        BufferedImage picture = original == null ? null : ImageIO.read(original.toFile());
        if (mask == null || picture == null) {
            return null;
        }
        int width = picture.getWidth();
        int height = picture.getHeight();
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int alpha = mask.getRGB(x * mask.getWidth() / width, y * mask.getHeight() / height) & 0xFF000000;
                result.setRGB(x, y, alpha | (picture.getRGB(x, y) & 0xFFFFFF));
            }
        }
        return result;
    }
}
