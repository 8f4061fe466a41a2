/** The input, output and temp folders. */
@NullMarked
package dev.comfygateway.simulator.files;

import org.jspecify.annotations.NullMarked;
