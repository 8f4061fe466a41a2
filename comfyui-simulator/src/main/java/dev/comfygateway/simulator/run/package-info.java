/** The execution of one prompt: order of nodes, cache, events. */
@NullMarked
package dev.comfygateway.simulator.run;

import org.jspecify.annotations.NullMarked;
