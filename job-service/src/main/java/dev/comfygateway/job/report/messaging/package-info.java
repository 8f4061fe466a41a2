/** Kafka edge for reports. */
@NullMarked
package dev.comfygateway.job.report.messaging;

import org.jspecify.annotations.NullMarked;
