/** Fetches, verifies and stores what a prompt has made. */
@NullMarked
package dev.comfygateway.worker.output;

import org.jspecify.annotations.NullMarked;
