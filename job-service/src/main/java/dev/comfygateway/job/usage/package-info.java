/** How long prompts take, and who has used how much GPU time. */
@NullMarked
package dev.comfygateway.job.usage;

import org.jspecify.annotations.NullMarked;
