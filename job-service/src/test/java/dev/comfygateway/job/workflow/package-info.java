@NullMarked
package dev.comfygateway.job.workflow;

import org.jspecify.annotations.NullMarked;
