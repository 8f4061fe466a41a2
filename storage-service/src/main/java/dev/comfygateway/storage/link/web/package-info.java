/** Presigned links over HTTP. */
@NullMarked
package dev.comfygateway.storage.link.web;

import org.jspecify.annotations.NullMarked;
