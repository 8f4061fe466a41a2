package dev.comfygateway.job.scheduling;

import java.time.Instant;

/**
 * How much waits in a lane.
 *
 * @param lane the lane
 * @param jobs how many
 * @param seconds the sum of their estimates
 * @param variance of that sum, in square seconds
 * @param lastSubmission place of its last job in the order of submissions
 */
public record LaneDepth(Lane lane, int jobs, double seconds, double variance, long lastSubmission) {

    double secondsPerJob() {
        return jobs == 0 ? 0 : seconds / jobs;
    }

    double variancePerJob() {
        return jobs == 0 ? 0 : variance / jobs;
    }

    /** How many were submitted before, if they came at an even pace. */
    public double olderThan(long submission) {
        if (submission <= lane.submission()) {
            return 0;
        }
        if (submission > lastSubmission) {
            return jobs;
        }
        return 1 + (jobs - 1) * (double) (submission - lane.submission()) / (lastSubmission - lane.submission() + 1);
    }

    /**
     * The place of a waiting job.
     *
     * @param before jobs of its lane that were submitted before it
     */
    public record Spot(String tenant, int rank, Instant since, long submission, int before) {
        public Spot behind(int others) {
            return new Spot(tenant, rank, since, submission, others);
        }
    }
}
