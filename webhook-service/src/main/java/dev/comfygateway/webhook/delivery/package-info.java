/** Sends stored webhooks until they are delivered or given up. */
@NullMarked
package dev.comfygateway.webhook.delivery;

import org.jspecify.annotations.NullMarked;
