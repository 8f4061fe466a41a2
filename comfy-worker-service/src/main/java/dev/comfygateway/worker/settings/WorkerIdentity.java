package dev.comfygateway.worker.settings;

/**
 * Who this worker process is.
 *
 * @param workerId stable name
 * @param instanceId this start of the process
 * @param pool the pool it serves
 */
public record WorkerIdentity(String workerId, String instanceId, String pool) {}
