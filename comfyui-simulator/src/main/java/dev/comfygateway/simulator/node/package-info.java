/** The node classes the simulator can really execute, and the values they exchange. */
@NullMarked
package dev.comfygateway.simulator.node;

import org.jspecify.annotations.NullMarked;
