/** Prompts that wait or run, and the one thread that runs them. */
@NullMarked
package dev.comfygateway.simulator.queue;

import org.jspecify.annotations.NullMarked;
