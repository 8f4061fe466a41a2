/** Codec between events and Kafka records, and readers without a group. */
@NullMarked
package dev.comfygateway.kafka;

import org.jspecify.annotations.NullMarked;
