/** Inputs and outputs as assets. */
@NullMarked
package dev.comfygateway.simulator.assets;

import org.jspecify.annotations.NullMarked;
