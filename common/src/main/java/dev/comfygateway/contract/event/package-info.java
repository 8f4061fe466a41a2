/** Envelope, names and topics of everything that goes through Kafka. */
@NullMarked
package dev.comfygateway.contract.event;

import org.jspecify.annotations.NullMarked;
