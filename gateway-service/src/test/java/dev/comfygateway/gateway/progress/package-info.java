@NullMarked
package dev.comfygateway.gateway.progress;

import org.jspecify.annotations.NullMarked;
