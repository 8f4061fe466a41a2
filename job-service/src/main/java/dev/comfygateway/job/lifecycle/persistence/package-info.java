/** Jobs, attempts and numbered events in Postgres. */
@NullMarked
package dev.comfygateway.job.lifecycle.persistence;

import org.jspecify.annotations.NullMarked;
