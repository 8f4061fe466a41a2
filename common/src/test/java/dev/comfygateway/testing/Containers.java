package dev.comfygateway.testing;

import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** Containers for tests that {@link RequiresImages}; whoever takes one starts and closes it. */
public final class Containers {

    private Containers() {}

    /** A database server with one database, and a user who may do everything. */
    public static PostgreSQLContainer postgres() {
        return new PostgreSQLContainer(name(ContainerImage.POSTGRES));
    }

    /** A broker that also serves share groups. */
    public static KafkaContainer kafka() {
        // Testcontainers makes one broker do for the other internal topics, but not for that of share groups.
        return new KafkaContainer(name(ContainerImage.KAFKA))
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");
    }

    private static DockerImageName name(ContainerImage image) {
        return DockerImageName.parse(image.reference()).asCompatibleSubstituteFor(image.repository());
    }
}
