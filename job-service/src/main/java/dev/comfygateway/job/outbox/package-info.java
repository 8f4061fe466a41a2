/** Events written with the state change and published after it. */
@NullMarked
package dev.comfygateway.job.outbox;

import org.jspecify.annotations.NullMarked;
