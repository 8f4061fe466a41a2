/** What the worker says about its attempts. */
@NullMarked
package dev.comfygateway.worker.reporting;

import org.jspecify.annotations.NullMarked;
