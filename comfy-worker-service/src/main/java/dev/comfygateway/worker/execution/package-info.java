/** Runs one attempt, from its inputs to its final report. */
@NullMarked
package dev.comfygateway.worker.execution;

import org.jspecify.annotations.NullMarked;
