@NullMarked
package dev.comfygateway.job.lifecycle;

import org.jspecify.annotations.NullMarked;
