package dev.comfygateway.job;

import dev.comfygateway.contract.event.Topics;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Map;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** A database and a broker out of jars, which need nothing on the machine. */
@TestConfiguration(proxyBeanMethods = false)
class EmbeddedServers {

    @Bean
    EmbeddedPostgres postgres() throws IOException {
        return EmbeddedPostgres.start();
    }

    @Bean
    EmbeddedKafkaBroker kafka() {
        return new EmbeddedKafkaKraftBroker(
                        1,
                        Topics.JOB_PARTITIONS,
                        Topics.JOBS_PROGRESS,
                        Topics.JOBS_COMPLETED,
                        Topics.WORKERS_HEARTBEAT,
                        Topics.WORKERS_INVENTORY)
                .brokerProperties(Map.of("auto.create.topics.enable", "true", "num.partitions", "1"));
    }

    @Bean
    ServerAddresses addresses(EmbeddedPostgres postgres, EmbeddedKafkaBroker kafka) {
        return new ServerAddresses(
                "localhost:" + postgres.getPort() + "/postgres", "postgres", "postgres", kafka.getBrokersAsString());
    }
}
