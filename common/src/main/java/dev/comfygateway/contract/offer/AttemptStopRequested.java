package dev.comfygateway.contract.offer;

import dev.comfygateway.contract.event.EventData;
import java.time.Instant;

/**
 * Wake-up for the worker that runs an attempt: stop it now. The lease answer says the same, so a lost record only costs
 * time.
 *
 * @param jobId the job
 * @param attemptId the attempt to stop
 * @param workerId who runs it
 * @param at when it was asked for
 */
public record AttemptStopRequested(String jobId, String attemptId, String workerId, Instant at) implements EventData {}
