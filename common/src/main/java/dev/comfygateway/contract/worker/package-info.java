/** What workers say about themselves. */
@NullMarked
package dev.comfygateway.contract.worker;

import org.jspecify.annotations.NullMarked;
