/** The job service: jobs, attempts, leases and the queue. */
@NullMarked
package dev.comfygateway.job;

import org.jspecify.annotations.NullMarked;
