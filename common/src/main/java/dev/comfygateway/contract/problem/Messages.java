package dev.comfygateway.contract.problem;

/** Keeps messages of others short. */
public final class Messages {

    private Messages() {}

    /**
     * The text, or its first characters and an ellipsis after them. A character of two code units is never split: half of
     * one cannot be written as JSON.
     *
     * @param most code units of the text that may be kept
     */
    public static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = most > 0 && Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "…";
    }
}
