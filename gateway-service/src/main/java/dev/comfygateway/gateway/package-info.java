/** The edge: who may come in, where requests go, and what clients can watch. */
@NullMarked
package dev.comfygateway.gateway;

import org.jspecify.annotations.NullMarked;
