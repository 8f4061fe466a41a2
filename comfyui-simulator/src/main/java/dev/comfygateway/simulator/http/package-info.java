/** The HTTP routes. */
@NullMarked
package dev.comfygateway.simulator.http;

import org.jspecify.annotations.NullMarked;
