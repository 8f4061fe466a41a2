/** Renders the overlays and holds them against the code. */
@NullMarked
package dev.comfygateway.k8s;

import org.jspecify.annotations.NullMarked;
