/** Replays recorded sessions of real servers against the simulator. */
@NullMarked
package dev.comfygateway.simulator.conformance;

import org.jspecify.annotations.NullMarked;
