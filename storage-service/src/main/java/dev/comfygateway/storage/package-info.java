/** Keeps uploads and outputs, and hands out links to them. */
@NullMarked
package dev.comfygateway.storage;

import org.jspecify.annotations.NullMarked;
