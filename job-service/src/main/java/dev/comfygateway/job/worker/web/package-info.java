/** HTTP edge for those who look after workers. */
@NullMarked
package dev.comfygateway.job.worker.web;

import org.jspecify.annotations.NullMarked;
