@NullMarked
package dev.comfygateway.job.scheduling;

import org.jspecify.annotations.NullMarked;
