/** HTTP edge for workers. */
@NullMarked
package dev.comfygateway.job.claim.web;

import org.jspecify.annotations.NullMarked;
