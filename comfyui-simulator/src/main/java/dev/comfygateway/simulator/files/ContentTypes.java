package dev.comfygateway.simulator.files;

import static java.util.Map.entry;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Content types by extension, as the real server has them: other lists differ for sound and for 3D. */
public final class ContentTypes {

    /** What a browser gets for a file of no known kind. */
    public static final String BINARY = "application/octet-stream";

    private static final Map<String, String> TYPES = Map.ofEntries(
            entry("aac", "audio/aac"),
            entry("avi", "video/x-msvideo"),
            entry("avif", "image/avif"),
            entry("bmp", "image/bmp"),
            entry("css", "text/css"),
            entry("csv", "text/csv"),
            entry("exr", "image/aces"),
            entry("flac", "audio/flac"),
            entry("gif", "image/gif"),
            entry("glb", "model/gltf-binary"),
            entry("gltf", "model/gltf+json"),
            entry("htm", "text/html"),
            entry("html", "text/html"),
            entry("ico", "image/vnd.microsoft.icon"),
            entry("jpeg", "image/jpeg"),
            entry("jpg", "image/jpeg"),
            entry("js", "application/javascript"),
            entry("json", "application/json"),
            entry("m4a", "audio/mp4"),
            entry("md", "text/markdown"),
            entry("mjs", "text/javascript"),
            entry("mkv", "video/x-matroska"),
            entry("mov", "video/quicktime"),
            entry("mp3", "audio/mpeg"),
            entry("mp4", "video/mp4"),
            entry("obj", "model/obj"),
            entry("ogg", "audio/ogg"),
            entry("opus", "audio/ogg"),
            entry("pdf", "application/pdf"),
            entry("png", "image/png"),
            entry("shtml", "text/html"),
            entry("svg", "image/svg+xml"),
            entry("svgz", "image/svg+xml"),
            entry("tif", "image/tiff"),
            entry("tiff", "image/tiff"),
            entry("txt", "text/plain"),
            entry("wasm", "application/wasm"),
            entry("wav", "audio/x-wav"),
            entry("webm", "video/webm"),
            entry("webp", "image/webp"),
            entry("xht", "application/xhtml+xml"),
            entry("xhtml", "application/xhtml+xml"),
            entry("xml", "application/xml"),
            entry("xsl", "application/xslt+xml"),
            entry("zip", "application/zip"));

    /** Kinds that a browser would run in the server's own origin. */
    private static final Set<String> DANGEROUS =
            Set.of("css", "htm", "html", "js", "mjs", "shtml", "svg", "svgz", "xht", "xhtml", "xml", "xsl");

    /** Those of them that the older release already took for dangerous. Scripts of one extension escaped its list. */
    private static final Set<String> DANGEROUS_EARLIER = Set.of("css", "htm", "html", "mjs", "shtml", "xht", "xhtml");

    private ContentTypes() {}

    /** The type of a file of that name. */
    public static String of(String fileName) {
        return TYPES.getOrDefault(extension(fileName), BINARY);
    }

    /** Whether the newer release sends such a file for saving only. */
    public static boolean isDangerous(String fileName) {
        return DANGEROUS.contains(extension(fileName));
    }

    /** What the older release says of such a file in {@code /view}. */
    public static String inOldView(String fileName) {
        String extension = extension(fileName);
        if (DANGEROUS_EARLIER.contains(extension)) {
            return BINARY;
        }
        return extension.equals("js") ? "application/javascript; charset=utf-8" : of(fileName);
    }

    private static String extension(String fileName) {
        return fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
