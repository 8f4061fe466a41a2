/** Drives the packaged stack from outside, as its users do. */
@NullMarked
package dev.comfygateway.systemtests;

import org.jspecify.annotations.NullMarked;
