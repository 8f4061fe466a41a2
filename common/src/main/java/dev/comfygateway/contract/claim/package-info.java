/** Claiming work and keeping the lease on it. */
@NullMarked
package dev.comfygateway.contract.claim;

import org.jspecify.annotations.NullMarked;
