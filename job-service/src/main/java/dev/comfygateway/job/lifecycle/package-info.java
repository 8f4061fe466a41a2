/** What a job is and how it changes; pure, no input or output. */
@NullMarked
package dev.comfygateway.job.lifecycle;

import org.jspecify.annotations.NullMarked;
