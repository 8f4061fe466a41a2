package dev.comfygateway.contract.offer;

import dev.comfygateway.contract.event.EventData;
import java.time.Instant;

/**
 * A hint that a pool has work, beginning with this job. Offers may be lost or repeated without harm.
 *
 * @param jobId the job that caused the offer; the claim may grant another one
 * @param pool whose workers may claim
 * @param at when it was offered
 */
public record JobOffered(String jobId, String pool, Instant at) implements EventData {}
