/** How database work is run: detached from its requester, awaited where threads may block. */
@NullMarked
package dev.comfygateway.job.transaction;

import org.jspecify.annotations.NullMarked;
