/** A stand-in that speaks ComfyUI's protocol. */
@NullMarked
package dev.comfygateway.simulator;

import org.jspecify.annotations.NullMarked;
