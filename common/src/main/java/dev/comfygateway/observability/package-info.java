/** Names of metrics and log keys; trace propagation where no library does it. */
@NullMarked
package dev.comfygateway.observability;

import org.jspecify.annotations.NullMarked;
