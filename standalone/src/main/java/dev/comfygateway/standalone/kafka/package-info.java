/** The broker in a process of its own, and the topics that the services expect. */
@NullMarked
package dev.comfygateway.standalone.kafka;

import org.jspecify.annotations.NullMarked;
