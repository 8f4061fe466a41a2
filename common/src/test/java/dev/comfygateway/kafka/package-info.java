/** Tests of the event contracts and their codec. */
@NullMarked
package dev.comfygateway.kafka;

import org.jspecify.annotations.NullMarked;
