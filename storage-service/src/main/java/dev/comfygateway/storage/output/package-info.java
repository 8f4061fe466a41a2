/** Outputs that workers put and this service verifies. */
@NullMarked
package dev.comfygateway.storage.output;

import org.jspecify.annotations.NullMarked;
