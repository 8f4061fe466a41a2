/** Starts and watches everything on one machine. */
@NullMarked
package dev.comfygateway.standalone;

import org.jspecify.annotations.NullMarked;
