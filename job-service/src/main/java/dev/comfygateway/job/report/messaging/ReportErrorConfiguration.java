package dev.comfygateway.job.report.messaging;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.job.report.ReportPositions;
import dev.comfygateway.kafka.UndecodableEventException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.ExponentialBackOff;

/** What happens to records that could not be applied: never skipped, except those that can never be read. */
@Configuration
class ReportErrorConfiguration {

    @Bean
    DefaultErrorHandler reportErrors(KafkaTemplate<String, byte[]> kafka, ReportPositions positions) {
        DeadLetterPublishingRecoverer deadLetters = new DeadLetterPublishingRecoverer(
                kafka, (message, error) -> new TopicPartition(message.topic() + Topics.DLT_SUFFIX, -1));
        ExponentialBackOff backOff = new ExponentialBackOff(500, 2);
        backOff.setMaxInterval(10_000);
        DefaultErrorHandler handler = new DefaultErrorHandler(
                (message, error) -> {
                    deadLetters.accept(message, error);
                    if (message.topic().equals(Topics.JOBS_PROGRESS)) {
                        positions.done(message.partition(), message.offset());
                    }
                },
                backOff);
        // Everything else is trouble of ours that passes, such as a database that is away.
        handler.defaultFalse();
        handler.setClassifications(java.util.Map.of(UndecodableEventException.class, false), true);
        return handler;
    }
}
