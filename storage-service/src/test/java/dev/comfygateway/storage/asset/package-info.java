@NullMarked
package dev.comfygateway.storage.asset;

import org.jspecify.annotations.NullMarked;
