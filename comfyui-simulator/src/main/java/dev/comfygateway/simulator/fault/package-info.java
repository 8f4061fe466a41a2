/** Faults that a test may ask for, and the narrow places where the simulator asks whether there is one. */
@NullMarked
package dev.comfygateway.simulator.fault;

import org.jspecify.annotations.NullMarked;
