/** Which service answers which path, and what it is told about the caller. */
@NullMarked
package dev.comfygateway.gateway.route;

import org.jspecify.annotations.NullMarked;
