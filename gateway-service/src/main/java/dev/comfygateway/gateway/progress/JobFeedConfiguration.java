package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.RecordFeed;
import dev.comfygateway.kafka.RecordFeeds;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class JobFeedConfiguration {

    /** From the end: what was before is read from job-service when somebody asks. */
    @Bean
    RecordFeed jobFeed(RecordFeeds feeds, JobStreamHub hub) {
        return feeds.feed(
                "gateway-jobs", List.of(Topics.JOBS_PROGRESS, Topics.JOBS_COMPLETED), RecordFeed.From.END, hub);
    }

    /** On its own, so that pictures hold up no state change. */
    @Bean
    RecordFeed previewFeed(RecordFeeds feeds, JobStreamHub hub) {
        return feeds.feed("gateway-previews", List.of(Topics.JOBS_PREVIEWS), RecordFeed.From.END, hub);
    }
}
