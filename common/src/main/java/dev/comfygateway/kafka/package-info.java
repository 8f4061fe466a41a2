/** Codec between events and Kafka records. */
@NullMarked
package dev.comfygateway.kafka;

import org.jspecify.annotations.NullMarked;
