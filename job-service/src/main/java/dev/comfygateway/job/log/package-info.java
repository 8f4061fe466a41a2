/** What happened to a job, told without what it was made of. */
@NullMarked
package dev.comfygateway.job.log;

import org.jspecify.annotations.NullMarked;
