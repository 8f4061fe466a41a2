/** Tests of the edge. */
@NullMarked
package dev.comfygateway.edge;

import org.jspecify.annotations.NullMarked;
