/** Request identity and cross-origin access. */
@NullMarked
package dev.comfygateway.gateway.trace;

import org.jspecify.annotations.NullMarked;
