/** Job outcomes from Kafka. */
@NullMarked
package dev.comfygateway.storage.retention.messaging;

import org.jspecify.annotations.NullMarked;
