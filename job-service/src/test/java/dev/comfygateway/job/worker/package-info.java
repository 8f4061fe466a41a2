@NullMarked
package dev.comfygateway.job.worker;

import org.jspecify.annotations.NullMarked;
