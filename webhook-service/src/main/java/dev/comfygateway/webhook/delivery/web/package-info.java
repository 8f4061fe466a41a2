/** HTTP interface to deliveries. */
@NullMarked
package dev.comfygateway.webhook.delivery.web;

import org.jspecify.annotations.NullMarked;
