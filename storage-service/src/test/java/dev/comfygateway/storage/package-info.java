@NullMarked
package dev.comfygateway.storage;

import org.jspecify.annotations.NullMarked;
