/** Assets over HTTP. */
@NullMarked
package dev.comfygateway.storage.asset.web;

import org.jspecify.annotations.NullMarked;
