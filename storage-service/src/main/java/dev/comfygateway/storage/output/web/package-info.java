/** The workers' side over HTTP. */
@NullMarked
package dev.comfygateway.storage.output.web;

import org.jspecify.annotations.NullMarked;
