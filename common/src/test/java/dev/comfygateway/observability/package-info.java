/** Tests of observability. */
@NullMarked
package dev.comfygateway.observability;

import org.jspecify.annotations.NullMarked;
