package dev.comfygateway.simulator.files;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.Pictures;
import dev.comfygateway.simulator.media.WebpWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Keeps uploaded files under names that are free. */
@Component
public class UploadStore {

    private final Folders folders;
    private final long maxPixels;

    UploadStore(Folders folders, SimulatorProperties properties) {
        this.folders = folders;
        this.maxPixels = properties.maxPixels();
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

    /**
     * Puts the opacity of the received picture onto the original. When there is no such original, nothing is written
     * and nobody told.
     *
     * @return null when the place is outside the root
     * @throws IOException when the reference is not one, or the pictures differ in size
     */
    public synchronized @Nullable Stored storeMask(Request wanted, Path received, String originalRef)
            throws IOException {
        try {
            Path place = place(wanted, received);
            if (place == null) {
                return null;
            }
            Path original = original(originalRef);
            if (original != null) {
                Files.write(place, masked(wanted.name(), received, original));
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
        if (Files.isDirectory(place)) {
            throw new IOException("there is a folder of that name");
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
        int start = name.lastIndexOf('/') + 1;
        int dot = name.lastIndexOf('.');
        return dot <= start ? name : name.substring(0, dot);
    }

    private @Nullable Path original(String reference) throws IOException {
        JsonNode parsed;
        try {
            parsed = Json.parse(reference);
        } catch (JacksonException e) {
            throw new IOException("the reference is not JSON", e);
        }
        String name = parsed.path("filename").asString("");
        if (name.isEmpty()) {
            throw new IOException("the reference names no file");
        }
        AnnotatedName annotated = AnnotatedName.parse(name, parsed.path("type").asString("output"));
        if (annotated.name().startsWith("/") || annotated.name().contains("..")) {
            return null;
        }
        Path root = folders.root(annotated.type());
        Path folder = root == null
                ? null
                : Folders.inside(root, parsed.path("subfolder").asString(""));
        Path file = folder == null ? null : Folders.inside(folder, annotated.name());
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    private byte[] masked(String name, Path received, Path original) throws IOException {
        BufferedImage mask = Pictures.read(received, maxPixels);
        BufferedImage picture = Pictures.read(original, maxPixels);
        int width = picture.getWidth();
        int height = picture.getHeight();
        if (mask.getWidth() != width || mask.getHeight() != height) {
            throw new IOException("images do not match");
        }
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                result.setRGB(x, y, (mask.getRGB(x, y) & 0xFF000000) | (picture.getRGB(x, y) & 0xFFFFFF));
            }
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".jpg") || lower.endsWith(".jpeg")) {
            // The name decides the format, and this one has no opacity.
            throw new IOException("cannot write mode RGBA as JPEG");
        }
        return lower.endsWith(".webp") ? WebpWriter.write(result) : Pictures.png(result);
    }
}
