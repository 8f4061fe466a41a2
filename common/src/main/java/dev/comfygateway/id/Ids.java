package dev.comfygateway.id;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.util.regex.Pattern;

/** Makes identifiers: a prefix that says what it names, and a time-ordered UUID (version 7) in 32 hex digits. */
public final class Ids {

    private static final NoArgGenerator TIME_ORDERED = Generators.timeBasedEpochRandomGenerator();
    private static final NoArgGenerator RANDOM = Generators.randomBasedGenerator();
    private static final Pattern JOB = Pattern.compile("j_[0-9a-f]{32}");
    private static final Pattern ASSET = Pattern.compile("as_[0-9a-f]{32}");

    private Ids() {}

    public static String newJobId() {
        return "j_" + hex(TIME_ORDERED);
    }

    public static String newAssetId() {
        return "as_" + hex(TIME_ORDERED);
    }

    /** Random, not time-ordered: it is a fencing token and must not be guessable from another one. */
    public static String newAttemptId() {
        return "at_" + hex(RANDOM);
    }

    public static String newEventId() {
        return hex(TIME_ORDERED);
    }

    /** A canonical lower-case UUID, the only form newer ComfyUI versions accept as a prompt id. */
    public static String newPromptId() {
        return RANDOM.generate().toString();
    }

    public static boolean isJobId(String text) {
        return JOB.matcher(text).matches();
    }

    public static boolean isAssetId(String text) {
        return ASSET.matcher(text).matches();
    }

    private static String hex(NoArgGenerator generator) {
        return generator.generate().toString().replace("-", "");
    }
}
