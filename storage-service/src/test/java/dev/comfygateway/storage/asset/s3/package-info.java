@NullMarked
package dev.comfygateway.storage.asset.s3;

import org.jspecify.annotations.NullMarked;
