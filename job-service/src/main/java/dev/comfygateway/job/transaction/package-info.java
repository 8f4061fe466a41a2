/** How database work is run: detached from its requester. */
@NullMarked
package dev.comfygateway.job.transaction;

import org.jspecify.annotations.NullMarked;
