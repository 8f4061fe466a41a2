/** Tests of the guarded client. */
@NullMarked
package dev.comfygateway.webhook.delivery.http;

import org.jspecify.annotations.NullMarked;
