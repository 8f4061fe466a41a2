package dev.comfygateway.scaledown;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.kafka.RecordFeed;
import dev.comfygateway.kafka.RecordFeeds;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * Starts the controller. Nobody calls it, so it has no part in the services' internal tokens; what it may do in the
 * cluster is in the token of its pod.
 */
@SpringBootApplication(
        excludeName = {"dev.comfygateway.edge.EdgeAutoConfiguration", "dev.comfygateway.edge.EdgeAutoConfiguration$Web"
        })
@ConfigurationPropertiesScan
@EnableScheduling
@Import(RecordFeeds.class)
public class ScaleDownControllerApplication {

    public static void main(String[] args) {
        SpringApplication.run(ScaleDownControllerApplication.class, args);
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    EventCodec eventCodec() {
        return new EventCodec();
    }

    /**
     * Finds address, token and namespace where Kubernetes puts them in a pod, or as kubectl does. What fails is tried again
     * with the next round, which is about the pods as they are then.
     */
    @Bean
    KubernetesClient kubernetes() {
        return new KubernetesClientBuilder()
                .editOrNewConfig()
                .withRequestRetryBackoffLimit(0)
                .endConfig()
                .build();
    }

    /** Compacted: from its beginning, it is the state of all workers. */
    @Bean
    RecordFeed heartbeatFeed(RecordFeeds feeds, Workers workers) {
        return feeds.feed(
                "scale-down-controller", List.of(Topics.WORKERS_HEARTBEAT), RecordFeed.From.BEGINNING, workers);
    }

    @Bean
    DeletionCosts workersAndPods(Workers workers, WorkerPods pods, RecordFeed heartbeatFeed, MeterRegistry meters) {
        return new DeletionCosts(workers, pods, heartbeatFeed::hasCaughtUp, meters);
    }
}
