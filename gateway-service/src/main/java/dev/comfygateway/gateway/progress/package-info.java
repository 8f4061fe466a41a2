/** Live events of jobs, and waiting for their end. */
@NullMarked
package dev.comfygateway.gateway.progress;

import org.jspecify.annotations.NullMarked;
