package dev.comfygateway.observability;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;

/** Makes known which build runs: a stale image would otherwise look like a fix that does not work. */
@AutoConfiguration
@EnableConfigurationProperties(BuildCommitProperties.class)
public class BuildAutoConfiguration {

    private static final String UNPACKAGED = "development";

    @Bean
    @ConditionalOnMissingBean
    BuildVersion buildVersion(ObjectProvider<BuildProperties> packaged, BuildCommitProperties settings) {
        BuildProperties build = packaged.getIfAvailable();
        return new BuildVersion(
                build == null ? UNPACKAGED : Objects.requireNonNullElse(build.getVersion(), UNPACKAGED),
                settings.commit().isBlank() ? null : settings.commit());
    }

    @Bean
    MeterBinder buildInfo(BuildVersion build) {
        return registry -> Gauge.builder(MetricNames.BUILD_INFO, () -> 1)
                .tag("version", build.version())
                .tag("commit", Objects.requireNonNullElse(build.commit(), "unknown"))
                .register(registry);
    }
}
