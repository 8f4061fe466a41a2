package dev.comfygateway.worker.claim;

import java.util.Map;

/**
 * How to reach Kafka: bootstrap servers and security, nothing else. Boot's consumer settings cannot be used for a share
 * consumer, which refuses several of them.
 *
 * @param settings client settings
 */
public record KafkaConnection(Map<String, Object> settings) {

    public KafkaConnection {
        settings = Map.copyOf(settings);
    }
}
