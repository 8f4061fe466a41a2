/** The guarded client for addresses that users choose. */
@NullMarked
package dev.comfygateway.webhook.delivery.http;

import org.jspecify.annotations.NullMarked;
