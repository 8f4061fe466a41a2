package dev.comfygateway.standalone.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Finds in a log why its process ended. */
public final class LogTail {

    private static final int LOOK_BACK = 64 * 1024;
    private static final int LONGEST = 400;
    private static final Pattern ERROR = Pattern.compile("\\b(ERROR|FATAL)\\b");
    private static final Pattern CAUSE =
            Pattern.compile("^(Caused by: |Exception in thread|Error: |\\S*(Exception|Error): )");

    private LogTail() {}

    /**
     * One line: Spring Boot's failure description if there is one, else the first error message, else the innermost
     * exception, else the last line.
     *
     * @param log the log file
     * @param from offset at which the output of the ended process begins
     */
    public static String reason(Path log, long from) {
        List<String> lines;
        try {
            lines = lines(log, from);
        } catch (IOException e) {
            return "its log cannot be read";
        }
        int description = lines.lastIndexOf("Description:");
        if (description >= 0) {
            for (String line : lines.subList(description + 1, lines.size())) {
                if (!line.isBlank()) {
                    return shortened(line);
                }
            }
        }
        return lines.stream()
                .filter(line -> ERROR.matcher(line).find())
                .reduce((first, second) -> first)
                .or(() -> lines.stream()
                        .filter(line -> CAUSE.matcher(line).find())
                        .reduce((first, second) -> second))
                .or(() -> lines.stream().filter(line -> !line.isBlank()).reduce((first, second) -> second))
                .map(LogTail::shortened)
                .orElse("it wrote nothing");
    }

    private static List<String> lines(Path log, long from) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(from, file.length() - LOOK_BACK);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static String shortened(String line) {
        String text = line.strip();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
