/** Error codes and the failure of an attempt. */
@NullMarked
package dev.comfygateway.contract.problem;

import org.jspecify.annotations.NullMarked;
