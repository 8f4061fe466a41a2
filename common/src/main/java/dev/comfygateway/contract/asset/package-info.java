/** Moving bytes in and out of storage-service. */
@NullMarked
package dev.comfygateway.contract.asset;

import org.jspecify.annotations.NullMarked;
