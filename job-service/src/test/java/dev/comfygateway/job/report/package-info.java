@NullMarked
package dev.comfygateway.job.report;

import org.jspecify.annotations.NullMarked;
