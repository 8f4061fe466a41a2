/** Identifiers. */
@NullMarked
package dev.comfygateway.id;

import org.jspecify.annotations.NullMarked;
