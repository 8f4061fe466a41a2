/** Taking jobs, showing them, canceling them. */
@NullMarked
package dev.comfygateway.job.submission;

import org.jspecify.annotations.NullMarked;
