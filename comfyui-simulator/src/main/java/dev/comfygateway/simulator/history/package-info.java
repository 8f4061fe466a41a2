/** What became of finished prompts. */
@NullMarked
package dev.comfygateway.simulator.history;

import org.jspecify.annotations.NullMarked;
