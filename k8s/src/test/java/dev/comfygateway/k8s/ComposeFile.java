package dev.comfygateway.k8s;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code docker-compose.yml} with its {@code .env.example}, and what is wrong with them. */
final class ComposeFile {

    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{([A-Z0-9_]+)(?:(:[-?])([^}]*))?}");
    private static final Pattern ADDRESS = Pattern.compile("http://([a-z-]+):(\\d+)");

    /** What the set-up programs and the images of others read. */
    private static final Map<String, Set<String>> OTHERS = Map.of(
            "topics", Set.of("KAFKA_BOOTSTRAP_SERVERS", "JOB_POOLS", "KAFKA_REPLICATION"),
            "bucket", Set.of("S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"),
            "comfyui", Set.of("COMFYUI_FLAGS"));

    /** Read by Compose itself. */
    private static final Set<String> OF_COMPOSE = Set.of("COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES");

    /** Given to every service; those that do not ask for one of them ignore it. */
    private static final Set<String> SHARED = Set.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            "INTERNAL_TOKEN_SECRET",
            "JOB_SERVICE_URL",
            "STORAGE_SERVICE_URL",
            "WEBHOOK_SERVICE_URL",
            "TRACING_SAMPLING");

    private final String text;
    private final String example;
    private final Map<String, Map<String, Object>> services;
    private final List<String> findings = new ArrayList<>();
    private final Set<String> built = new HashSet<>();

    private ComposeFile(String text, String example) {
        this.text = text;
        this.example = example;
        Map<String, Object> file = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        this.services = children(file, "services");
        for (Map<String, Object> service : services.values()) {
            Object module = entries(entries(service, "build"), "args").get("SERVICE");
            if (module != null && !built.add(String.valueOf(module))) {
                findings.add("The image of " + module + " is built by two services");
            }
        }
    }

    /** Everything that is wrong, in words. */
    static List<String> findings(String text, String example) {
        ComposeFile file = new ComposeFile(text, example);
        file.services.forEach(file::check);
        file.checkExample();
        return file.findings;
    }

    private void check(String name, Map<String, Object> service) {
        String image = String.valueOf(service.get("image"));
        String tag = resolve(image).replaceAll(".*/", "");
        if (!tag.contains(":") || tag.endsWith(":latest")) {
            findings.add(name + ": image " + tag + " has no version");
        }
        children(service, "depends_on").forEach((other, how) -> checkDependency(name, other, how));
        String module = image.replaceAll("comfyui-gateway/([a-z-]+):.*", "$1");
        if (!OTHERS.containsKey(name) && ServiceFacts.isService(module)) {
            checkService(name, module, service);
        } else if (OTHERS.containsKey(name)) {
            for (String variable : entries(service, "environment").keySet()) {
                if (!OTHERS.get(name).contains(variable)) {
                    findings.add(name + ": nothing reads " + variable);
                }
            }
        }
        Matcher address = ADDRESS.matcher(String.valueOf(service.get("environment")));
        while (address.find()) {
            String target = address.group(1).replaceAll("^comfyui$|^simulator-\\d$", "comfyui-simulator");
            if (ServiceFacts.isService(target)
                    && ServiceFacts.of(target).port() != Integer.parseInt(address.group(2))) {
                findings.add(name + ": " + address.group() + " is not where " + target + " listens");
            }
        }
    }

    private void checkService(String name, String module, Map<String, Object> service) {
        ServiceFacts facts = ServiceFacts.of(module);
        for (String variable : entries(service, "environment").keySet()) {
            if (!facts.variables().contains(variable) && !SHARED.contains(variable)) {
                findings.add(name + ": " + module + " does not read " + variable);
            }
        }
        Map<String, Object> arguments = entries(entries(service, "build"), "args");
        // One service builds an image, others may use it: two that build the same would get in each other's way.
        if (!service.containsKey("build") && built.contains(module)) {
            arguments = Map.of("SERVICE", module, "PORT", String.valueOf(facts.port()));
        }
        if (!module.equals(arguments.get("SERVICE"))) {
            findings.add(name + ": the image is of " + module + ", the build of " + arguments.get("SERVICE"));
        }
        if (!String.valueOf(facts.port()).equals(arguments.get("PORT"))) {
            findings.add(name + ": " + module + " listens on " + facts.port() + ", not on " + arguments.get("PORT"));
        }
        for (String needed : List.of("read_only", "cap_drop", "security_opt", "restart", "stop_grace_period")) {
            if (!service.containsKey(needed)) {
                findings.add(name + ": has no " + needed);
            }
        }
        boolean usesKafka = facts.properties().keySet().stream().anyMatch(key -> key.startsWith("spring.kafka"));
        if (usesKafka && !children(service, "depends_on").containsKey("topics")) {
            findings.add(name + ": does not wait for the topics");
        }
        if (facts.variables().contains("DATABASE_URL")
                && !children(service, "depends_on").containsKey("postgres")) {
            findings.add(name + ": does not wait for the database");
        }
    }

    private void checkDependency(String name, String other, Map<String, Object> how) {
        Map<String, Object> target = services.get(other);
        if (target == null) {
            findings.add(name + ": depends on " + other + ", which does not exist");
            return;
        }
        // One that has an image of ours brings its health check along.
        boolean hasHealth = target.containsKey("healthcheck")
                || String.valueOf(target.get("image")).startsWith("comfyui-gateway/");
        boolean once = target.containsKey("entrypoint");
        String condition = String.valueOf(how.get("condition"));
        if (!condition.equals(once ? "service_completed_successfully" : "service_healthy") || !hasHealth) {
            findings.add(name + ": does not wait until " + other + " is ready");
        }
    }

    private void checkExample() {
        Map<String, String> given = new TreeMap<>();
        example.lines().filter(line -> line.matches("[A-Z].*=.*")).forEach(line -> {
            int equals = line.indexOf('=');
            given.put(line.substring(0, equals), line.substring(equals + 1));
        });
        Set<String> used = new HashSet<>(OF_COMPOSE);
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(1);
            used.add(name);
            String value = given.get(name);
            if (value == null) {
                findings.add(".env.example lacks " + name);
            } else if (":-".equals(matcher.group(2)) && !value.isEmpty() && !value.equals(matcher.group(3))) {
                findings.add(name + " is " + matcher.group(3) + " without .env.example and " + value + " with it");
            } else if (":?".equals(matcher.group(2)) && !value.isEmpty()) {
                findings.add(".env.example shows a secret: " + name);
            }
        }
        given.keySet().stream()
                .filter(name -> !used.contains(name))
                .forEach(name -> findings.add("Nothing uses " + name + " of .env.example"));
    }

    private static String resolve(String text) {
        return VARIABLE.matcher(text).replaceAll(match -> Objects.requireNonNullElse(match.group(3), ""));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> entries(Map<String, Object> parent, String name) {
        Object value = parent.get(name);
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> children(Map<String, Object> parent, String name) {
        return (Map<String, Map<String, Object>>) (Map<?, ?>) entries(parent, name);
    }
}
