package dev.comfygateway.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class LogLinePostProcessorTests {

    @Test
    void writesThePairsOfAnEventUnlessTheFormIsSet() {
        assertThat(config(Map.of())).isEqualTo("classpath:log-lines.xml");
        assertThat(config(Map.of("logging.config", "file:own.xml"))).isEqualTo("file:own.xml");
        assertThat(config(Map.of("logging.structured.format.console", "ecs"))).isNull();
        assertThat(config(Map.of("logging.file.name", "a.log"))).isNull();
    }

    private static @Nullable String config(Map<String, Object> settings) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("given", settings));
        new LogLinePostProcessor().postProcessEnvironment(environment, new SpringApplication());
        return environment.getProperty("logging.config");
    }
}
