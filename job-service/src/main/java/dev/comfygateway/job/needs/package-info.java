/** What a worker must have to run a graph. */
@NullMarked
package dev.comfygateway.job.needs;

import org.jspecify.annotations.NullMarked;
