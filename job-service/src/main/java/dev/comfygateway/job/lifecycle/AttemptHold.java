package dev.comfygateway.job.lifecycle;

/**
 * The attempt that holds a job.
 *
 * @param attemptId fencing token
 * @param number from 1
 * @param workerId who runs it
 */
public record AttemptHold(String attemptId, int number, String workerId) {}
