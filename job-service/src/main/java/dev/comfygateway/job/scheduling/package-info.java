/** Which waiting job a worker gets. */
@NullMarked
package dev.comfygateway.job.scheduling;

import org.jspecify.annotations.NullMarked;
