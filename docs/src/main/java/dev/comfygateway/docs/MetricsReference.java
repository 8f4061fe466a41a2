package dev.comfygateway.docs;

import dev.comfygateway.observability.MetricNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes {@code docs/operations/metrics.md} from the comments in {@link MetricNames}. */
public final class MetricsReference {

    private static final Pattern CONSTANT =
            Pattern.compile("/\\*\\*(.*?)\\*/\\s*public static final String \\w+ = \"([^\"]+)\";", Pattern.DOTALL);
    private static final Pattern CODE = Pattern.compile("\\{@code ([^}]*)}");

    private MetricsReference() {}

    /**
     * @param args see {@link Build#parse(String...)}
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        Path root = Build.parse(args).root();
        String source = Files.readString(root.resolve(
                "common/src/main/java/" + MetricNames.class.getName().replace('.', '/') + ".java"));
        Document.write(root.resolve("docs/operations/metrics.md"), render(source));
    }

    static String render(String source) {
        StringBuilder out = new StringBuilder();
        out.append("# Metrics\n\n")
                .append("<!-- Written by ./mvnw verify from MetricNames. -->\n\n")
                .append(
                        "Every service answers `/actuator/prometheus`. Besides the metrics of the JVM, HTTP, Kafka and\n")
                .append("database clients there are the project's own. Prometheus adds suffixes to the names below\n")
                .append(
                        "(`_total` for counters, `_seconds_count`, `_seconds_sum` and `_seconds_max` for timers). Ids of\n")
                .append("jobs, tenants or keys are never tags.\n\n")
                .append("| name | in Prometheus | meaning |\n|---|---|---|\n");
        // The first comment is the class's; only one that stands right before a constant counts.
        Matcher matcher = CONSTANT.matcher(source.substring(source.indexOf('{', source.indexOf(" class "))));
        while (matcher.find()) {
            String meaning = CODE.matcher(matcher.group(1).replaceAll("\\s*\\*\\s+", " "))
                    .replaceAll("`$1`");
            out.append("| `")
                    .append(matcher.group(2))
                    .append("` | `")
                    .append(matcher.group(2).replace('.', '_'))
                    .append("` | ")
                    .append(Document.cell(meaning))
                    .append(" |\n");
        }
        return out.toString();
    }
}
