/** The event socket: who is connected and who gets which message. */
@NullMarked
package dev.comfygateway.simulator.socket;

import org.jspecify.annotations.NullMarked;
