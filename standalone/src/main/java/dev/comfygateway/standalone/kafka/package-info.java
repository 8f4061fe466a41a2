/** The broker in a process of its own. */
@NullMarked
package dev.comfygateway.standalone.kafka;

import org.jspecify.annotations.NullMarked;
