/** What the worker can be told by its operator. */
@NullMarked
package dev.comfygateway.worker.settings;

import org.jspecify.annotations.NullMarked;
