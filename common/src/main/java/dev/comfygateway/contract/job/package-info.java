/** What job-service says about a job. */
@NullMarked
package dev.comfygateway.contract.job;

import org.jspecify.annotations.NullMarked;
