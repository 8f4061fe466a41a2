package dev.comfygateway.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the transition table of {@code ARCHITECTURE.md}. A test of job-service tries every event in every state and
 * leaves what follows in {@code target/transitions.md}, so that the page says what the code does.
 */
public final class TransitionTable {

    private static final String BEGIN = "<!-- transitions:begin, written by ./mvnw verify from Job -->\n";
    private static final String END = "<!-- transitions:end -->\n";

    private TransitionTable() {}

    /**
     * @param args see {@link Build#parse(String...)}
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        Build build = Build.parse(args);
        Path jobService = build.modules().get("job-service");
        if (jobService == null || !build.tested()) {
            System.out.println("transitions: job-service's tests did not run; ARCHITECTURE.md stays as it is");
            return;
        }
        Path page = build.root().resolve("ARCHITECTURE.md");
        String table = Files.readString(jobService.resolve("target/transitions.md"));
        Document.write(page, replace(Files.readString(page), table));
    }

    /** The page with another table; throws {@link IllegalStateException} when it has no place for one. */
    static String replace(String page, String table) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException("ARCHITECTURE.md has no place for the transitions");
        }
        return page.substring(0, begin + BEGIN.length()) + "\n" + table + "\n" + page.substring(end);
    }
}
