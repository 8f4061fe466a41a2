/** The topics and group settings that the services expect, and how they come about. */
@NullMarked
package dev.comfygateway.topic;

import org.jspecify.annotations.NullMarked;
