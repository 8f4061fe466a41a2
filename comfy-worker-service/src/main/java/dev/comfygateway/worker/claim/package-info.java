/** Offers, claims and leases: which attempts this worker holds. */
@NullMarked
package dev.comfygateway.worker.claim;

import org.jspecify.annotations.NullMarked;
