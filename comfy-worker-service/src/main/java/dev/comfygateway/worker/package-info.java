/** The GPU worker: claims attempts, runs them on ComfyUI, reports, and moves their bytes. */
@NullMarked
package dev.comfygateway.worker;

import org.jspecify.annotations.NullMarked;
