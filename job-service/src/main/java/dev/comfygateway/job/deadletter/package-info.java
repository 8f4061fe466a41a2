/** Jobs that failed for good through no fault of their own, and what operators do about them. */
@NullMarked
package dev.comfygateway.job.deadletter;

import org.jspecify.annotations.NullMarked;
