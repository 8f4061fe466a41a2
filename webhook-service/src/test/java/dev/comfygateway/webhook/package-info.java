/** Tests of the webhook service. */
@NullMarked
package dev.comfygateway.webhook;

import org.jspecify.annotations.NullMarked;
