package dev.comfygateway.webhook.outcome.messaging;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.UndecodableEventException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.ExponentialBackOff;
import org.springframework.util.backoff.FixedBackOff;

/**
 * What happens to a record that could not be handled: undecodable ones go to the dead-letter topic at once, the
 * database being away is waited out for ever, anything else is tried a few times and then dead-lettered.
 */
@Configuration(proxyBeanMethods = false)
class OutcomeErrorHandling {

    private static final Logger log = LoggerFactory.getLogger(OutcomeErrorHandling.class);

    @Bean
    CommonErrorHandler outcomeErrorHandler(KafkaOperations<?, ?> kafka) {
        DeadLetterPublishingRecoverer deadLetters = new DeadLetterPublishingRecoverer(
                kafka, (consumerRecord, error) -> new TopicPartition(consumerRecord.topic() + Topics.DLT_SUFFIX, -1));
        DefaultErrorHandler handler = new DefaultErrorHandler(deadLetters, new FixedBackOff(500, 5));
        handler.addNotRetryableExceptions(UndecodableEventException.class);
        handler.setBackOffFunction((consumerRecord, error) -> databaseAway(error) ? forEver() : null);
        handler.setRetryListeners((consumerRecord, error, attempt) -> log.warn(
                "Outcome {} of {} not recorded at attempt {}",
                consumerRecord.key(),
                consumerRecord.topic(),
                attempt,
                error));
        return handler;
    }

    private static ExponentialBackOff forEver() {
        ExponentialBackOff backOff = new ExponentialBackOff(200, 2);
        backOff.setMaxInterval(5_000);
        return backOff;
    }

    private static boolean databaseAway(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataAccessResourceFailureException
                    || cause instanceof NonTransientDataAccessResourceException
                    || cause instanceof TransientDataAccessException
                    || cause instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }
}
