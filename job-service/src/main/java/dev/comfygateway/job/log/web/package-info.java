/** HTTP edge for logs of jobs. */
@NullMarked
package dev.comfygateway.job.log.web;

import org.jspecify.annotations.NullMarked;
