package dev.comfygateway.observability;

import java.util.List;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Has log lines end with the key-value pairs of their event, which Spring Boot's own pattern leaves out: without them
 * no line says which job it is about. Steps back where the form of lines or a file is set, for example by
 * {@code logging.structured.format.console}, which writes the pairs by itself.
 */
public final class LogLinePostProcessor implements EnvironmentPostProcessor {

    /** Settings of the form, and of files, for which Spring Boot adds what it needs by itself. */
    private static final List<String> OWN = List.of(
            "logging.config",
            "logging.file.name",
            "logging.file.path",
            "logging.structured.format.console",
            "logging.structured.format.file");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        boolean set = OWN.stream().anyMatch(environment::containsProperty);
        if (!set) {
            environment
                    .getPropertySources()
                    .addLast(new MapPropertySource("logLines", Map.of("logging.config", "classpath:log-lines.xml")));
        }
    }
}
