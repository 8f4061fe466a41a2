/** Assets in Postgres. */
@NullMarked
package dev.comfygateway.storage.asset.persistence;

import org.jspecify.annotations.NullMarked;
