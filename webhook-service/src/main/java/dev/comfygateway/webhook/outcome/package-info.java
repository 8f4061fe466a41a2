/** Turns an outcome into one webhook: its body is made and stored once. */
@NullMarked
package dev.comfygateway.webhook.outcome;

import org.jspecify.annotations.NullMarked;
