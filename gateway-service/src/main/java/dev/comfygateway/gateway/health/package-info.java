/** One answer to whether the whole works. */
@NullMarked
package dev.comfygateway.gateway.health;

import org.jspecify.annotations.NullMarked;
