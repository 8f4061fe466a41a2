package dev.comfygateway.job.recovery;

import dev.comfygateway.job.claim.LeaseProperties;
import dev.comfygateway.job.report.ReportPositions;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Tells the jobs about which every word of their workers has been heard. */
@Component
class AppliedReports {

    private final ReportPositions positions;
    private final ReportEnds ends;
    private final LeaseProperties lease;

    AppliedReports(ReportPositions positions, ReportEnds ends, LeaseProperties lease) {
        this.positions = positions;
        this.ends = ends;
        this.lease = lease;
    }

    /**
     * Those of the jobs whose reports this replica reads, has read for long enough, and has applied up to the end that
     * Kafka has now. Blocks; throws {@link IllegalStateException} when Kafka does not say.
     */
    Set<String> applied(Collection<String> jobIds) {
        Map<Integer, Long> end =
                ends.of(jobIds.stream().map(ReportPositions::partitionOf).collect(Collectors.toSet()));
        return jobIds.stream()
                .filter(id -> {
                    int partition = ReportPositions.partitionOf(id);
                    OptionalLong next = positions.next(partition, lease.settling());
                    Long last = end.get(partition);
                    return next.isPresent() && last != null && next.getAsLong() >= last;
                })
                .collect(Collectors.toSet());
    }
}
