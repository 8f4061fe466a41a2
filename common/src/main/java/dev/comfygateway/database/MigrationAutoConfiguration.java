package dev.comfygateway.database;

import org.flywaydb.core.Flyway;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/** Lets a deployment migrate in a step of its own, with rights that the running service need not have. */
@AutoConfiguration(beforeName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass(FlywayMigrationStrategy.class)
@EnableConfigurationProperties(DatabaseProperties.class)
public class MigrationAutoConfiguration {

    @Bean
    FlywayMigrationStrategy migrationStrategy(DatabaseProperties properties) {
        return properties.migrate()
                ? Flyway::migrate
                : flyway -> SchemaVersion.await(flyway, properties.migrationWait());
    }
}
