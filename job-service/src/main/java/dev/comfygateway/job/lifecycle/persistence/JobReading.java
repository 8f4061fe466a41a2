package dev.comfygateway.job.lifecycle.persistence;

import dev.comfygateway.job.lifecycle.Job;
import java.time.Instant;

/**
 * A job at a moment. Whoever writes what follows from it holds the lock of its row, or writes only if it is still as it
 * was.
 *
 * @param job the job
 * @param now the database's clock
 */
public record JobReading(Job job, Instant now) {}
