/** HTTP edge for operators. */
@NullMarked
package dev.comfygateway.job.deadletter.web;

import org.jspecify.annotations.NullMarked;
