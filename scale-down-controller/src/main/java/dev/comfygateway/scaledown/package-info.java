/** Marks the pods of idle workers, so that Kubernetes stops those first when a pool shrinks. */
@NullMarked
package dev.comfygateway.scaledown;

import org.jspecify.annotations.NullMarked;
