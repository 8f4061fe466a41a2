package dev.comfygateway.job.worker;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.RecordFeed;
import dev.comfygateway.kafka.RecordFeeds;
import java.time.Clock;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Both topics are compacted: from their beginning, they are the whole state. */
@Configuration(proxyBeanMethods = false)
@Import(RecordFeeds.class)
class WorkerFeedConfiguration {

    @Bean
    RecordFeed heartbeatFeed(RecordFeeds feeds, WorkerRegistry workers) {
        return feeds.feed("job-service-workers", List.of(Topics.WORKERS_HEARTBEAT), RecordFeed.From.BEGINNING, workers);
    }

    @Bean
    RecordFeed inventoryFeed(RecordFeeds feeds, Inventories inventories) {
        return feeds.feed(
                "job-service-inventories", List.of(Topics.WORKERS_INVENTORY), RecordFeed.From.BEGINNING, inventories);
    }

    @Bean
    WorkerTopics workerTopics(
            RecordFeed heartbeatFeed, RecordFeed inventoryFeed, WorkerProperties properties, Clock clock) {
        return new WorkerTopics(
                () -> heartbeatFeed.hasCaughtUp() && inventoryFeed.hasCaughtUp(), properties.catchUp(), clock);
    }
}
