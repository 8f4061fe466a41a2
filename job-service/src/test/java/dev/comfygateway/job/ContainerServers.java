package dev.comfygateway.job;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.testing.Containers;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin.NewTopics;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The images that an installation runs. */
@TestConfiguration(proxyBeanMethods = false)
class ContainerServers {

    @Bean(initMethod = "start")
    PostgreSQLContainer postgres() {
        return Containers.postgres();
    }

    @Bean(initMethod = "start")
    KafkaContainer kafka() {
        return Containers.kafka();
    }

    @Bean
    NewTopics topics() {
        return new NewTopics(
                TopicBuilder.name(Topics.JOBS_PROGRESS)
                        .partitions(Topics.JOB_PARTITIONS)
                        .build(),
                TopicBuilder.name(Topics.JOBS_COMPLETED)
                        .partitions(Topics.JOB_PARTITIONS)
                        .build(),
                TopicBuilder.name(Topics.WORKERS_HEARTBEAT).build(),
                TopicBuilder.name(Topics.WORKERS_INVENTORY).build());
    }

    @Bean
    ServerAddresses addresses(PostgreSQLContainer postgres, KafkaContainer kafka) {
        String database = postgres.getHost() + ":" + postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT) + "/"
                + postgres.getDatabaseName();
        return new ServerAddresses(
                database, postgres.getUsername(), postgres.getPassword(), kafka.getBootstrapServers());
    }
}
