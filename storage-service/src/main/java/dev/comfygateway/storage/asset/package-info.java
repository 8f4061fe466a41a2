/** Assets: what they are, where they are kept, how clients bring and read them. */
@NullMarked
package dev.comfygateway.storage.asset;

import org.jspecify.annotations.NullMarked;
