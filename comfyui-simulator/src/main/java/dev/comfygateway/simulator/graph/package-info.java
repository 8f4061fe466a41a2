/** Node definitions, and the validation of submitted graphs. */
@NullMarked
package dev.comfygateway.simulator.graph;

import org.jspecify.annotations.NullMarked;
