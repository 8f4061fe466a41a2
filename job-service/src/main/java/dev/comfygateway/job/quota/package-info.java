/** How much a key, and a pool's queue, may hold. */
@NullMarked
package dev.comfygateway.job.quota;

import org.jspecify.annotations.NullMarked;
