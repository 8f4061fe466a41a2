/** Writers of media files: small, real, and without any library. */
@NullMarked
package dev.comfygateway.simulator.media;

import org.jspecify.annotations.NullMarked;
