/** Ending attempts whose worker is gone and cancels that nobody confirmed. */
@NullMarked
package dev.comfygateway.job.recovery;

import org.jspecify.annotations.NullMarked;
