@NullMarked
package dev.comfygateway.job.recovery;

import org.jspecify.annotations.NullMarked;
