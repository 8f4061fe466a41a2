/** The last lines of the log, and who wants to hear new ones. */
@NullMarked
package dev.comfygateway.simulator.logs;

import org.jspecify.annotations.NullMarked;
