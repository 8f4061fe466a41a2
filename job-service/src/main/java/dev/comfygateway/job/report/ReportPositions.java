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

    private record Position(Thread reader, long next, long assignedAt) {}

    /** The partition in which a job's reports are. */
    public static int partitionOf(String jobId) {
        return Utils.toPositive(Utils.murmur2(jobId.getBytes(StandardCharsets.UTF_8))) % Topics.JOB_PARTITIONS;
    }

    public void assigned(Thread reader, int partition, long next) {
        positions.put(partition, new Position(reader, next, System.nanoTime()));
    }

    /** A reader that was away hears late of its loss, when another one of this replica may have the partition. */
    public void revoked(Thread reader, int partition) {
        positions.computeIfPresent(partition, (_, now) -> now.reader().equals(reader) ? null : now);
    }

    public void done(int partition, long offset) {
        positions.computeIfPresent(
                partition,
                (_, before) -> new Position(before.reader(), Math.max(before.next(), offset + 1), before.assignedAt()));
    }

    /** The next offset to be applied; empty when the partition is not ours, or not yet for so long. */
    public OptionalLong next(int partition, Duration settling) {
        Position position = positions.get(partition);
        return position == null || System.nanoTime() - position.assignedAt() < settling.toNanos()
                ? OptionalLong.empty()
                : OptionalLong.of(position.next());
    }
}
