package dev.comfygateway.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes {@code docs/operations/configuration.md} from the metadata that the compiler collects of every settings
 * record, and from the environment variables that the services' {@code application.yml} name.
 */
public final class ConfigurationReference {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(:?)");

    /** Settings by module. */
    private final Map<String, List<Setting>> settings = new LinkedHashMap<>();
    /** Environment variables by name. */
    private final Map<String, Variable> variables = new TreeMap<>();

    /**
     * One property.
     *
     * @param name canonical name
     * @param type simple Java type
     * @param value default, or empty
     * @param description from its Javadoc
     */
    record Setting(String name, String type, String value, String description) {}

    private static final class Variable {
        private final SortedSet<String> defaults = new TreeSet<>();
        private final SortedSet<String> properties = new TreeSet<>();
        private final SortedSet<String> modules = new TreeSet<>();
    }

    /**
     * @param args see {@link Build#parse(String...)}
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        Build build = Build.parse(args);
        if (!build.complete()) {
            System.out.println(
                    "configuration: not all modules take part; docs/operations/configuration.md stays as it is");
            return;
        }
        ConfigurationReference reference = new ConfigurationReference();
        for (Map.Entry<String, Path> module : build.modules().entrySet()) {
            Path classes = module.getValue().resolve("target/classes");
            reference.add(
                    module.getKey(),
                    read(classes.resolve("META-INF/spring-configuration-metadata.json")),
                    read(classes.resolve("application.yml")));
        }
        Document.write(build.root().resolve("docs/operations/configuration.md"), reference.render());
    }

    private static @Nullable String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : null;
    }

    void add(String module, @Nullable String metadata, @Nullable String yaml) {
        if (yaml != null) {
            for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
                flatten(module, "", document);
            }
        }
        if (metadata != null) {
            List<Setting> found = JsonMapper.shared().readTree(metadata).path("properties").values().stream()
                    .map(ConfigurationReference::setting)
                    .sorted(Comparator.comparing(Setting::name))
                    .toList();
            if (!found.isEmpty()) {
                settings.put(module, found);
            }
        }
    }

    private static Setting setting(JsonNode property) {
        String type = property.path("type").asString("");
        JsonNode value = property.path("defaultValue");
        String text =
                value.isMissingNode() || value.isNull() ? "" : value.isString() ? value.asString() : value.toString();
        return new Setting(
                property.path("name").asString(""),
                type.replaceAll("[a-z][\\w]*\\.", "").replace('$', '.'),
                text,
                property.path("description").asString(""));
    }

    private void flatten(String module, String prefix, @Nullable Object node) {
        switch (node) {
            case Map<?, ?> map ->
                map.forEach((key, value) -> flatten(module, prefix.isEmpty() ? "" + key : prefix + "." + key, value));
            case List<?> list -> list.forEach(value -> flatten(module, prefix, value));
            case String text -> variables(module, prefix, text);
            case null, default -> {
                // Only text holds placeholders.
            }
        }
    }

    /** Finds {@code ${NAME:default}}, also inside another one's default. */
    private void variables(String module, String property, String text) {
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            Variable variable = variables.computeIfAbsent(matcher.group(1), name -> new Variable());
            variable.properties.add(property);
            variable.modules.add(module);
            if (!matcher.group(2).isEmpty()) {
                variable.defaults.add(upToClosingBrace(text, matcher.end()));
            }
        }
    }

    private static String upToClosingBrace(String text, int start) {
        int depth = 0;
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) == '{') {
                depth++;
            } else if (text.charAt(i) == '}' && depth-- == 0) {
                return text.substring(start, i);
            }
        }
        return text.substring(start);
    }

    String render() {
        StringBuilder out = new StringBuilder();
        out.append("# Configuration\n\n")
                .append("<!-- Written by ./mvnw verify from the settings records and application.yml files. -->\n\n")
                .append("Every setting can be given as an environment variable (`comfy.edge.internal-secret` is\n")
                .append("`COMFY_EDGE_INTERNALSECRET`), a system property or in a file named by\n")
                .append(
                        "`SPRING_CONFIG_ADDITIONAL_LOCATION`. The settings most deployments need have a short variable.\n\n")
                .append("## Environment variables\n\n")
                .append("| variable | default | sets | used by |\n|---|---|---|---|\n");
        out.append("| `DATABASE_URL` | | `spring.r2dbc.*`, `spring.flyway.*`; ")
                .append("`postgresql://user:password@host:5432/database?sslmode=require` | ")
                .append("every service with a database |\n");
        variables.forEach((name, variable) -> {
            if (!name.equals("DATABASE_URL")) {
                out.append("| `")
                        .append(name)
                        .append("` | ")
                        .append(codes(variable.defaults))
                        .append(" | ")
                        .append(codes(variable.properties))
                        .append(" | ")
                        .append(String.join(", ", variable.modules))
                        .append(" |\n");
            }
        });
        settings.forEach((module, found) -> {
            out.append("\n## ").append(module).append("\n\n");
            out.append("| setting | type | default | variable | meaning |\n|---|---|---|---|---|\n");
            for (Setting setting : found) {
                out.append("| `")
                        .append(setting.name())
                        .append("` | ")
                        .append(Document.cell(setting.type()))
                        .append(" | ")
                        .append(code(setting.value()))
                        .append(" | ")
                        .append(codes(variablesOf(setting.name())))
                        .append(" | ")
                        .append(Document.cell(setting.description()))
                        .append(" |\n");
            }
        });
        return out.toString();
    }

    private SortedSet<String> variablesOf(String setting) {
        SortedSet<String> names = new TreeSet<>();
        variables.forEach((name, variable) -> {
            if (variable.properties.stream()
                    .anyMatch(property -> uniform(property).equals(uniform(setting)))) {
                names.add(name);
            }
        });
        return names;
    }

    /** Relaxed binding: dashes and case do not matter. */
    private static String uniform(String property) {
        return property.replace("-", "").toLowerCase(Locale.ROOT);
    }

    private static String codes(SortedSet<String> values) {
        return String.join(
                ", ",
                values.stream()
                        .map(ConfigurationReference::code)
                        .filter(code -> !code.isEmpty())
                        .toList());
    }

    private static String code(String value) {
        return value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`";
    }
}
