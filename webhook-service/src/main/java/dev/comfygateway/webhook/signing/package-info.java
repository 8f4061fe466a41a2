/** Signatures over the bytes of a webhook. */
@NullMarked
package dev.comfygateway.webhook.signing;

import org.jspecify.annotations.NullMarked;
