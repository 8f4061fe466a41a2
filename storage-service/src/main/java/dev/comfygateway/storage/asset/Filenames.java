package dev.comfygateway.storage.asset;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Set;

/** Names of files: for people, for object keys, for {@code Content-Disposition}. */
public final class Filenames {

    private static final int MAX_LENGTH = 150;
    private static final int MAX_KEY_LENGTH = 100;
    private static final String ATTRIBUTE_CHARS = "!#$&+-.^_`|~";

    /** Types that a browser would run scripts of, were they shown inline. */
    private static final Set<String> ACTIVE =
            Set.of("text/html", "image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml");

    private Filenames() {}

    /** The last path component without anything that could upset a file system or a header. */
    public static String clean(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        StringBuilder clean = new StringBuilder();
        Normalizer.normalize(last, Normalizer.Form.NFC).codePoints().forEach(c -> {
            int type = Character.getType(c);
            // Control and format characters: the latter can turn the direction of a name.
            if (type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE) {
                clean.appendCodePoint("<>:\"|?*".indexOf(c) >= 0 ? '_' : c);
            }
        });
        String stripped = shorten(clean.toString().strip(), MAX_LENGTH);
        return stripped.isEmpty() || stripped.chars().allMatch(c -> c == '.') ? "file" : stripped;
    }

    /** The name in an object key: plain ASCII, since stores differ in what else they take. */
    static String forKey(String cleanName) {
        String ascii = cleanName.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("\\.{2,}", "_");
        return shorten(ascii.startsWith(".") ? "_" + ascii.substring(1) : ascii, MAX_KEY_LENGTH);
    }

    /** RFC 6266 header with the name in RFC 5987 form; {@code attachment} for types that could run scripts. */
    public static String contentDisposition(String cleanName, String contentType) {
        String bare = contentType.replaceFirst(";.*", "").strip();
        String ascii = cleanName.replaceAll("[^\\x20-\\x7e]", "_").replaceAll("[\"\\\\%]", "_");
        return (ACTIVE.contains(bare) ? "attachment" : "inline") + "; filename=\"" + ascii + "\"; filename*=UTF-8''"
                + percent(cleanName);
    }

    private static String percent(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || ATTRIBUTE_CHARS.indexOf(c) >= 0);
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }

    private static String shorten(String name, int limit) {
        int length = name.codePointCount(0, name.length());
        if (length <= limit) {
            return name;
        }
        int dot = name.lastIndexOf('.');
        String extension = dot > 0 && name.length() - dot <= 10 ? name.substring(dot) : "";
        return name.substring(0, name.offsetByCodePoints(0, limit - extension.length())) + extension;
    }
}
