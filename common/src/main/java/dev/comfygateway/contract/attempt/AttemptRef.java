package dev.comfygateway.contract.attempt;

/**
 * Which attempt a report is about.
 *
 * @param jobId the job
 * @param attemptId fencing token: a report under any other attempt than the job's newest changes nothing
 * @param number attempt number, from 1
 * @param workerId the worker that runs it
 */
public record AttemptRef(String jobId, String attemptId, int number, String workerId) {}
