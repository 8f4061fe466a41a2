/** How faults are asked for over HTTP, and those that concern the whole server or its connections. */
@NullMarked
package dev.comfygateway.simulator.fault.control;

import org.jspecify.annotations.NullMarked;
