/** Reads topics without a group, every gateway all of them. */
@NullMarked
package dev.comfygateway.gateway.feed;

import org.jspecify.annotations.NullMarked;
