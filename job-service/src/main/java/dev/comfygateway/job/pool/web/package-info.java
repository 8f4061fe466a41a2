/** HTTP edge for pools and pauses. */
@NullMarked
package dev.comfygateway.job.pool.web;

import org.jspecify.annotations.NullMarked;
