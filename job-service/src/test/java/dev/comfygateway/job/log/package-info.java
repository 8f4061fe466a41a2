@NullMarked
package dev.comfygateway.job.log;

import org.jspecify.annotations.NullMarked;
