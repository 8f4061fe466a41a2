/** Asks storage-service for links. */
@NullMarked
package dev.comfygateway.webhook.outcome.storage;

import org.jspecify.annotations.NullMarked;
