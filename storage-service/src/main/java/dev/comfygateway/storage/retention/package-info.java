/** What is kept and what is not. */
@NullMarked
package dev.comfygateway.storage.retention;

import org.jspecify.annotations.NullMarked;
