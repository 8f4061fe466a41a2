/** Granting attempts to workers and keeping their leases. */
@NullMarked
package dev.comfygateway.job.claim;

import org.jspecify.annotations.NullMarked;
