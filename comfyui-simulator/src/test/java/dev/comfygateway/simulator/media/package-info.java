/** Tests of the media writers. */
@NullMarked
package dev.comfygateway.simulator.media;

import org.jspecify.annotations.NullMarked;
