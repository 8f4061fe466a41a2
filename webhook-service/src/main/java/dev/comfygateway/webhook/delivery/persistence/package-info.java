/** Deliveries in Postgres. */
@NullMarked
package dev.comfygateway.webhook.delivery.persistence;

import org.jspecify.annotations.NullMarked;
