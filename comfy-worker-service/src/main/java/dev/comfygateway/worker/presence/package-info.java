/** Heartbeats, inventory, and the order of starting and stopping. */
@NullMarked
package dev.comfygateway.worker.presence;

import org.jspecify.annotations.NullMarked;
