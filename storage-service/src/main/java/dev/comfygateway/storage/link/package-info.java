/** Presigned links. */
@NullMarked
package dev.comfygateway.storage.link;

import org.jspecify.annotations.NullMarked;
