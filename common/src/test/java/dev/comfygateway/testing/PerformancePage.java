package dev.comfygateway.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes what a benchmark measured into {@code docs/operations/performance.md}, between the markers of its table. */
public final class PerformancePage {

    private PerformancePage() {}

    /** @param table the name in the markers: <code>&lt;!-- table: written by ... --&gt;</code> */
    public static void write(String table, Class<?> benchmark, String text) throws IOException {
        Path file = Path.of(System.getProperty("project.root", "..")).resolve("docs/operations/performance.md");
        String begin = "<!-- " + table + ": written by " + benchmark.getSimpleName() + " -->";
        String end = "<!-- end of " + table + " -->";
        String page = Files.readString(file);
        assertThat(page).contains(begin, end);
        Files.writeString(
                file, page.substring(0, page.indexOf(begin)) + begin + "\n" + text + page.substring(page.indexOf(end)));
    }

    /** What a figure depends on, without names: processors, system and Java. */
    public static String machine() {
        return String.format(
                Locale.ROOT,
                "%d processors, %s %s, Java %d",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version().feature());
    }
}
