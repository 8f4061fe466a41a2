package dev.comfygateway.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Makes R2DBC and Flyway settings out of the one variable {@code DATABASE_URL}, for services that use them. */
public final class DatabaseUrlPostProcessor implements EnvironmentPostProcessor {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String text = environment.getProperty("DATABASE_URL");
        if (text == null || text.isBlank()) {
            return;
        }
        DatabaseUrl url = DatabaseUrl.parse(text.strip());
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("spring.r2dbc.url", url.r2dbc());
        settings.put("spring.flyway.url", url.jdbc());
        if (url.user() != null) {
            settings.put("spring.r2dbc.username", url.user());
            settings.put("spring.flyway.user", url.user());
        }
        if (url.password() != null) {
            settings.put("spring.r2dbc.password", url.password());
            settings.put("spring.flyway.password", url.password());
        }
        environment.getPropertySources().addFirst(new MapPropertySource("databaseUrl", settings));
    }
}
