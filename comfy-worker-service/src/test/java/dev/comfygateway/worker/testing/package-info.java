/** Fakes of everything a worker talks to. */
@NullMarked
package dev.comfygateway.worker.testing;

import org.jspecify.annotations.NullMarked;
