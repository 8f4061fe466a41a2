/** The command line. It knows the gateway by its public API only, and the stack as a process. */
@NullMarked
package dev.comfygateway.cli;

import org.jspecify.annotations.NullMarked;
