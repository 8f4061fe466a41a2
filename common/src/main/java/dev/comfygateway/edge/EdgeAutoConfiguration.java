package dev.comfygateway.edge;

import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.TraceContexts;
import dev.comfygateway.settings.InvalidSettingException;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** The beans every service shares: clock, event codec, internal tokens, problem answers, trace propagation. */
@AutoConfiguration(beforeName = "org.springframework.boot.webflux.autoconfigure.error.ErrorWebFluxAutoConfiguration")
@EnableConfigurationProperties(EdgeProperties.class)
public class EdgeAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    @ConditionalOnMissingBean
    EventCodec eventCodec() {
        return new EventCodec();
    }

    @Bean
    @ConditionalOnMissingBean
    TraceContexts traceContexts(
            ObservationRegistry registry, ObjectProvider<Tracer> tracer, ObjectProvider<Propagator> propagator) {
        return new TraceContexts(registry, tracer.getIfAvailable(), propagator.getIfAvailable());
    }

    @Bean
    @ConditionalOnMissingBean
    InternalTokens internalTokens(EdgeProperties properties, Clock clock) {
        String secret = properties.internalSecret();
        if (secret == null || secret.length() < 16) {
            throw new InvalidSettingException(
                    "INTERNAL_TOKEN_SECRET", "needs at least 16 characters; all services share it");
        }
        return new InternalTokens(secret, clock);
    }

    /** Beans that exist only in a web application. */
    @AutoConfiguration
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
    static class Web {

        @Bean
        @ConditionalOnProperty(name = "comfy.edge.accept-internal-tokens", havingValue = "true", matchIfMissing = true)
        InternalTokenFilter internalTokenFilter(InternalTokens tokens) {
            return new InternalTokenFilter(tokens);
        }

        @Bean
        ProblemHandler problemHandler(JsonMapper json, ObjectProvider<Tracer> tracer) {
            return new ProblemHandler(json, tracer.getIfAvailable());
        }

        @Bean
        WebFluxConfigurer callerArguments() {
            return new WebFluxConfigurer() {
                @Override
                public void configureArgumentResolvers(ArgumentResolverConfigurer configurer) {
                    configurer.addCustomResolver(new CallerArgumentResolver());
                }
            };
        }
    }
}
