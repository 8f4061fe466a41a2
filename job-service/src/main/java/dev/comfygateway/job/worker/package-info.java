/** Which workers there are, what they can run, and which of them operators drain. */
@NullMarked
package dev.comfygateway.job.worker;

import org.jspecify.annotations.NullMarked;
