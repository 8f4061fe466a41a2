/** Media files, read and written: small, real, and without any library. */
@NullMarked
package dev.comfygateway.simulator.media;

import org.jspecify.annotations.NullMarked;
