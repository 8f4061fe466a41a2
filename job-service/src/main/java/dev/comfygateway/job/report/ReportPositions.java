package dev.comfygateway.job.report;

import dev.comfygateway.contract.event.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.utils.Utils;
import org.springframework.stereotype.Component;

/** How far this replica has read the reports of the partitions assigned to it. Thread safe. */
@Component
public class ReportPositions {

    private final Map<Integer, Position> positions = new ConcurrentHashMap<>();

    private record Position(long next, long assignedAt, Object consumer) {}

    /** The partition in which a job's reports are. */
    public static int partitionOf(String jobId) {
        return Utils.toPositive(Utils.murmur2(jobId.getBytes(StandardCharsets.UTF_8))) % Topics.JOB_PARTITIONS;
    }

    /** The partition is now read by that consumer of ours, beginning with an offset. */
    public void assigned(int partition, long next, Object consumer) {
        positions.put(partition, new Position(next, System.nanoTime(), consumer));
    }

    /**
     * The consumer does not read the partition any more. A consumer that stalled hears of it late, when another one of
     * this process may have had the partition for long; that one keeps it.
     */
    public void revoked(int partition, Object consumer) {
        positions.computeIfPresent(
                partition, (_, position) -> position.consumer().equals(consumer) ? null : position);
    }

    public void done(int partition, long offset) {
        positions.computeIfPresent(
                partition,
                (_, before) ->
                        new Position(Math.max(before.next(), offset + 1), before.assignedAt(), before.consumer()));
    }

    /** The next offset to be applied; empty when the partition is not ours, or not yet for so long. */
    public OptionalLong next(int partition, Duration settling) {
        Position position = positions.get(partition);
        return position == null || System.nanoTime() - position.assignedAt() < settling.toNanos()
                ? OptionalLong.empty()
                : OptionalLong.of(position.next());
    }
}
