package dev.comfygateway.contract.offer;

import dev.comfygateway.contract.event.EventData;
import java.time.Instant;

/**
 * Somebody watches: the worker that runs the attempt is to send its previews. Repeated while they do.
 *
 * @param jobId the job
 * @param attemptId the attempt that is watched
 * @param workerId who runs it
 * @param until previews are wanted up to then
 */
public record PreviewsRequested(String jobId, String attemptId, String workerId, Instant until) implements EventData {}
