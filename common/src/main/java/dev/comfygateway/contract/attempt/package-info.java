/** What a worker says about an attempt. */
@NullMarked
package dev.comfygateway.contract.attempt;

import org.jspecify.annotations.NullMarked;
