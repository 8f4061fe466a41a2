package dev.comfygateway.worker.output;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells media types by the bytes, and whether a file is what its name says. */
final class MediaTypes {

    /** Extensions whose bytes must be of a certain type. */
    private static final Map<String, String> BY_EXTENSION = Map.ofEntries(
            Map.entry("png", "image/png"),
            Map.entry("apng", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("webp", "image/webp"),
            Map.entry("gif", "image/gif"),
            Map.entry("bmp", "image/bmp"),
            Map.entry("tif", "image/tiff"),
            Map.entry("tiff", "image/tiff"),
            Map.entry("avif", "image/avif"),
            Map.entry("exr", "image/x-exr"),
            Map.entry("mp4", "video/mp4"),
            Map.entry("m4v", "video/mp4"),
            Map.entry("mov", "video/quicktime"),
            Map.entry("webm", "video/webm"),
            Map.entry("mkv", "video/x-matroska"),
            Map.entry("flac", "audio/flac"),
            Map.entry("wav", "audio/wav"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("opus", "audio/ogg"),
            Map.entry("ogg", "audio/ogg"),
            Map.entry("m4a", "audio/mp4"),
            Map.entry("glb", "model/gltf-binary"));

    /** Extensions without a signature; what they hold is not looked at. */
    private static final Map<String, String> UNSIGNED = Map.of(
            "txt", "text/plain",
            "json", "application/json",
            "csv", "text/csv",
            "srt", "text/plain",
            "svg", "image/svg+xml",
            "obj", "model/obj",
            "stl", "model/stl");

    /** Extensions of files that hold tensors behind a description of them. */
    private static final Set<String> TENSORS = Set.of("latent", "safetensors");

    private MediaTypes() {}

    /**
     * The media type, found from the bytes.
     *
     * @return null when the bytes contradict the extension, or break off
     */
    static @Nullable String verify(String filename, SpooledFile file) throws IOException {
        String extension = extension(filename);
        String found = detect(file.head());
        String expected = BY_EXTENSION.get(extension);
        if (expected == null) {
            if (TENSORS.contains(extension)) {
                return MediaStructure.isWhole("application/safetensors", file) ? "application/octet-stream" : null;
            }
            // What has a name of its own is believed: a text may begin like a picture.
            String named = UNSIGNED.get(extension);
            if (named != null) {
                return named;
            }
            return found != null && MediaStructure.isWhole(found, file) ? found : "application/octet-stream";
        }
        if (found == null) {
            return null;
        }
        return compatible(expected, found) && MediaStructure.isWhole(found, file) ? found : null;
    }

    static String kind(String contentType) {
        int slash = contentType.indexOf('/');
        return switch (contentType.substring(0, slash)) {
            case "image" -> "image";
            case "video" -> "video";
            case "audio" -> "audio";
            case "text" -> "text";
            case "model" -> "model";
            default -> contentType.equals("application/json") ? "text" : "file";
        };
    }

    private static boolean compatible(String expected, String found) {
        return expected.equals(found)
                || (isIsoMedia(expected) && isIsoMedia(found))
                || (isMatroska(expected) && isMatroska(found));
    }

    private static boolean isIsoMedia(String type) {
        return type.equals("video/mp4") || type.equals("video/quicktime") || type.equals("audio/mp4");
    }

    private static boolean isMatroska(String type) {
        return type.equals("video/webm") || type.equals("video/x-matroska");
    }

    private static @Nullable String detect(byte[] b) {
        if (starts(b, 0, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
            return "image/png";
        }
        if (starts(b, 0, 0xff, 0xd8, 0xff)) {
            return "image/jpeg";
        }
        if (starts(b, 0, 'R', 'I', 'F', 'F')) {
            return starts(b, 8, 'W', 'E', 'B', 'P')
                    ? "image/webp"
                    : starts(b, 8, 'W', 'A', 'V', 'E') ? "audio/wav" : null;
        }
        if (starts(b, 0, 'G', 'I', 'F', '8')) {
            return "image/gif";
        }
        if (starts(b, 0, 0x1a, 0x45, 0xdf, 0xa3)) {
            return new String(b, StandardCharsets.ISO_8859_1).contains("webm") ? "video/webm" : "video/x-matroska";
        }
        if (starts(b, 4, 'f', 't', 'y', 'p')) {
            String brand = b.length < 12 ? "" : new String(b, 8, 4, StandardCharsets.ISO_8859_1);
            return switch (brand) {
                case "avif", "avis" -> "image/avif";
                case "qt  " -> "video/quicktime";
                case "M4A " -> "audio/mp4";
                default -> "video/mp4";
            };
        }
        if (starts(b, 0, 'f', 'L', 'a', 'C')) {
            return "audio/flac";
        }
        if (starts(b, 0, 'O', 'g', 'g', 'S')) {
            return "audio/ogg";
        }
        if (starts(b, 0, 'I', 'D', '3') || (b.length > 1 && (b[0] & 0xff) == 0xff && (b[1] & 0xe0) == 0xe0)) {
            return "audio/mpeg";
        }
        if (starts(b, 0, 'B', 'M')) {
            return "image/bmp";
        }
        if (starts(b, 0, 'I', 'I', 42, 0) || starts(b, 0, 'M', 'M', 0, 42)) {
            return "image/tiff";
        }
        if (starts(b, 0, 0x76, 0x2f, 0x31, 0x01)) {
            return "image/x-exr";
        }
        if (starts(b, 0, 'g', 'l', 'T', 'F')) {
            return "model/gltf-binary";
        }
        return null;
    }

    private static boolean starts(byte[] bytes, int at, int... wanted) {
        if (bytes.length < at + wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if ((bytes[at + i] & 0xff) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static String extension(String filename) {
        int dot = filename.lastIndexOf('.');
        return dot < 0 ? "" : filename.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
