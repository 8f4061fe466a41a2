package dev.comfygateway.simulator.files;

/**
 * A file name that may carry its root, as in {@code photo.png [input]}.
 *
 * @param name the name without the suffix
 * @param type the root
 */
public record AnnotatedName(String name, String type) {

    /** Reads the suffix, if there is one. */
    public static AnnotatedName parse(String value, String defaultType) {
        for (String type : new String[] {"input", "output", "temp"}) {
            String suffix = "[" + type + "]";
            if (value.endsWith(suffix)) {
                return new AnnotatedName(
                        value.substring(0, value.length() - suffix.length()).stripTrailing(), type);
            }
        }
        return new AnnotatedName(value, defaultType);
    }
}
