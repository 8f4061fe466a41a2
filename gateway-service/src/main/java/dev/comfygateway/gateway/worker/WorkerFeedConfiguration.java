package dev.comfygateway.gateway.worker;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.RecordFeed;
import dev.comfygateway.kafka.RecordFeeds;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class WorkerFeedConfiguration {

    /** From the beginning: the topic is compacted, one record per worker is the whole state. */
    @Bean
    RecordFeed workerFeed(RecordFeeds feeds, Workers workers) {
        return feeds.feed("gateway-workers", List.of(Topics.WORKERS_HEARTBEAT), RecordFeed.From.BEGINNING, workers);
    }
}
