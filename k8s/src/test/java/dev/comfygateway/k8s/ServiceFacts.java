package dev.comfygateway.k8s;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a service says about itself.
 *
 * @param properties of its application.yml, flat
 * @param variables that it reads
 * @param defaults of its settings
 */
record ServiceFacts(Map<String, String> properties, Set<String> variables, Map<String, String> defaults) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)");
    private static final Pattern DEFAULT = Pattern.compile("\\$\\{[A-Z][A-Z0-9_]*:([^}]*)}");
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";
    private static final String APPLICATION = "application.yml";

    /** Spring's own that manifests may set. */
    private static final Set<String> OF_SPRING = Set.of("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE");

    private static final Map<String, ServiceFacts> KNOWN = new ConcurrentHashMap<>();

    static boolean isService(String module) {
        return Checkout.exists(module + "/src/main/resources/" + APPLICATION);
    }

    static ServiceFacts of(String module) {
        return KNOWN.computeIfAbsent(module, ServiceFacts::read);
    }

    private static ServiceFacts read(String module) {
        String yaml = Checkout.readBuilt(module, APPLICATION);
        Map<String, String> properties = new HashMap<>();
        for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml)) {
            flatten("", document, properties);
        }
        Set<String> variables = new HashSet<>(OF_SPRING);
        Matcher matcher = VARIABLE.matcher(yaml);
        while (matcher.find()) {
            variables.add(matcher.group(1));
        }
        Map<String, String> defaults = new HashMap<>();
        for (String owner : new String[] {module, "common"}) {
            if (Checkout.built(owner, METADATA)) {
                for (JsonNode property : JsonMapper.shared()
                        .readTree(Checkout.readBuilt(owner, METADATA))
                        .path("properties")) {
                    String name = property.path("name").asString("");
                    variables.add(variable(name));
                    defaults.put(name, property.path("defaultValue").asString(""));
                }
            }
        }
        if (properties.keySet().stream().anyMatch(name -> name.startsWith("spring.flyway"))) {
            variables.add("DATABASE_URL");
        }
        return new ServiceFacts(properties, variables, defaults);
    }

    /** The variable that sets a property: dots become underscores, dashes vanish. */
    static String variable(String property) {
        return property.replace(".", "_").replace("-", "").toUpperCase(Locale.ROOT);
    }

    int port() {
        return Integer.parseInt(property("server.port"));
    }

    /** The value of a property, or what it is when its variable is not set. */
    String property(String name) {
        String text = properties.getOrDefault(name, "");
        Matcher matcher = DEFAULT.matcher(text);
        return matcher.matches() ? matcher.group(1) : text;
    }

    private static void flatten(String prefix, Object node, Map<String, String> into) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> flatten(prefix.isEmpty() ? "" + key : prefix + "." + key, value, into));
        } else {
            into.put(prefix, String.valueOf(node));
        }
    }
}
