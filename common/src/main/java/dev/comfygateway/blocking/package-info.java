/** Where blocking and reactive code meet. */
@NullMarked
package dev.comfygateway.blocking;

import org.jspecify.annotations.NullMarked;
