/** Signers for tests. */
@NullMarked
package dev.comfygateway.webhook.signing;

import org.jspecify.annotations.NullMarked;
