/** Client of storage-service. */
@NullMarked
package dev.comfygateway.job.storage;

import org.jspecify.annotations.NullMarked;
