package dev.comfygateway.job.lifecycle.persistence;

import dev.comfygateway.job.lifecycle.Job;
import java.time.Instant;

/**
 * A job whose row is locked by the current transaction.
 *
 * @param job the job
 * @param now the database's clock
 */
public record LockedJob(Job job, Instant now) {}
