/** Hints and wake-ups to workers. */
@NullMarked
package dev.comfygateway.contract.offer;

import org.jspecify.annotations.NullMarked;
