/** The ComfyUI servers a worker drives: addresses, health, and the permits of their slots. */
@NullMarked
package dev.comfygateway.worker.backend;

import org.jspecify.annotations.NullMarked;
