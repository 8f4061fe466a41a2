package dev.comfygateway.storage.retention.messaging;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.kafka.UndecodableEventException;
import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.ExponentialBackOff;
import org.springframework.util.backoff.FixedBackOff;

/**
 * What happens to an outcome that cannot be processed: while database or store are away it is tried again without end;
 * what is no event goes to the dead-letter topic at once, and anything else after three tries.
 */
@Configuration(proxyBeanMethods = false)
class OutcomeErrors {

    private static final Logger log = LoggerFactory.getLogger(OutcomeErrors.class);

    @Bean
    CommonErrorHandler outcomeErrorHandler(KafkaOperations<?, ?> kafka) {
        // The dead-letter topic has one partition, whichever the record came from.
        DeadLetterPublishingRecoverer recoverer = new DeadLetterPublishingRecoverer(
                kafka, (failed, error) -> new TopicPartition(failed.topic() + Topics.DLT_SUFFIX, -1));
        DefaultErrorHandler handler = new DefaultErrorHandler(recoverer, new FixedBackOff(1000, 2));
        ExponentialBackOff untilBack = new ExponentialBackOff(500, 2);
        untilBack.setMaxInterval(Duration.ofSeconds(10).toMillis());
        handler.setBackOffFunction((failed, error) -> transientFailure(error) ? untilBack : null);
        handler.setRetryListeners((failed, error, attempt) -> log.atWarn()
                .addKeyValue("topic", failed.topic())
                .addKeyValue("offset", failed.offset())
                .addKeyValue("attempt", attempt)
                .log("Outcome not processed: {}", String.valueOf(error == null ? null : root(error))));
        handler.addNotRetryableExceptions(UndecodableEventException.class);
        return handler;
    }

    private static Throwable root(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static boolean transientFailure(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataAccessException
                    || (cause instanceof ProblemException problem
                            && problem.code().retryable())) {
                return true;
            }
        }
        return false;
    }
}
