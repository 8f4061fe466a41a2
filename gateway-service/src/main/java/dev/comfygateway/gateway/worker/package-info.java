/** What the workers say about themselves. */
@NullMarked
package dev.comfygateway.gateway.worker;

import org.jspecify.annotations.NullMarked;
