/** Where model files would be. */
@NullMarked
package dev.comfygateway.simulator.models;

import org.jspecify.annotations.NullMarked;
