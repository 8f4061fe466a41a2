/** What workers say about attempts, applied to jobs. */
@NullMarked
package dev.comfygateway.job.report;

import org.jspecify.annotations.NullMarked;
