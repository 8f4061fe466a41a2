/** Pools as operators and clients see them. */
@NullMarked
package dev.comfygateway.job.pool;

import org.jspecify.annotations.NullMarked;
