@NullMarked
package dev.comfygateway.scaledown;

import org.jspecify.annotations.NullMarked;
