package dev.comfygateway.worker.reporting;

import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.stereotype.Component;

/** Opens the reporter of an attempt. */
@Component
public class AttemptReporters {

    private final KafkaOperations<String, byte[]> kafka;
    private final EventCodec codec;
    private final Clock clock;
    private final WorkerIdentity identity;

    public AttemptReporters(
            KafkaOperations<String, byte[]> kafka, EventCodec codec, Clock clock, WorkerIdentity identity) {
        this.kafka = kafka;
        this.codec = codec;
        this.clock = clock;
        this.identity = identity;
    }

    /** @param traceparent the attempt's own span, or null */
    public AttemptReporter open(Grant grant, @Nullable String traceparent) {
        return new KafkaAttemptReporter(kafka, codec, clock, identity.workerId(), grant, traceparent);
    }
}
