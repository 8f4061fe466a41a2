/** Reads outcomes from Kafka. */
@NullMarked
package dev.comfygateway.webhook.outcome.messaging;

import org.jspecify.annotations.NullMarked;
