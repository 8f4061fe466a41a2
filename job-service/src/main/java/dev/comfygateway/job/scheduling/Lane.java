package dev.comfygateway.job.scheduling;

import java.time.Instant;

/**
 * The waiting jobs of one tenant and one rank, in submission order.
 *
 * @param tenant owner
 * @param rank of the priority class, 0 for jobs that a worker gave back
 * @param since since when its first job is here
 * @param submission place of its first job in the order of submissions
 */
public record Lane(String tenant, int rank, Instant since, long submission) {}
