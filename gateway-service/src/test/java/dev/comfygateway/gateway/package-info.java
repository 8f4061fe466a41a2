@NullMarked
package dev.comfygateway.gateway;

import org.jspecify.annotations.NullMarked;
