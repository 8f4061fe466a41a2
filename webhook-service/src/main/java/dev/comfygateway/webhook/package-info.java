/** Tells the servers of clients how their jobs ended. */
@NullMarked
package dev.comfygateway.webhook;

import org.jspecify.annotations.NullMarked;
