package dev.comfygateway.gateway.trace;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;

/** Lets pages of other origins call the API, when the operator names those origins. */
@Configuration(proxyBeanMethods = false)
class CorsConfiguration {

    /**
     * Cross-origin access.
     *
     * @param origins origins whose pages may call the API; none by default
     */
    @ConfigurationProperties("comfy.gateway.cors")
    record CorsProperties(@DefaultValue List<String> origins) {}

    // Ahead of authentication: a preflight request carries no key.
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE + 10)
    @ConditionalOnExpression("!'${comfy.gateway.cors.origins:}'.isBlank()")
    CorsWebFilter corsWebFilter(CorsProperties properties) {
        var cors = new org.springframework.web.cors.CorsConfiguration();
        cors.setAllowedOrigins(properties.origins());
        cors.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
        cors.setAllowedHeaders(List.of("*"));
        cors.setExposedHeaders(List.of("Location", "X-Trace-Id", "Retry-After", "Preference-Applied"));
        cors.setMaxAge(Duration.ofHours(1));
        var source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/**", cors);
        return new CorsWebFilter(source);
    }
}
