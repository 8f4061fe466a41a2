package dev.comfygateway.job.recovery;

import dev.comfygateway.contract.event.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.stereotype.Component;

/** Asks Kafka where the reports end. Blocks; connects on first use. */
@Component
class ReportEnds implements DisposableBean {

    private static final long TIMEOUT_SECONDS = 5;

    private final KafkaAdmin settings;
    private @Nullable Admin admin;

    ReportEnds(KafkaAdmin settings) {
        this.settings = settings;
    }

    /** End offsets of the partitions; throws {@link IllegalStateException} when Kafka does not say. */
    synchronized Map<Integer, Long> of(Set<Integer> partitions) {
        if (admin == null) {
            admin = Admin.create(settings.getConfigurationProperties());
        }
        Map<TopicPartition, OffsetSpec> question = new HashMap<>();
        partitions.forEach(
                number -> question.put(new TopicPartition(Topics.JOBS_PROGRESS, number), OffsetSpec.latest()));
        try {
            Map<Integer, Long> ends = new HashMap<>();
            admin.listOffsets(question)
                    .all()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
            return ends;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka does not say where the reports end", e);
        }
    }

    @Override
    public synchronized void destroy() {
        if (admin != null) {
            admin.close();
        }
    }
}
