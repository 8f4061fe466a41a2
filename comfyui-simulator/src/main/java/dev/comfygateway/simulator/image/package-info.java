/** Reading pictures and writing them in other formats. */
@NullMarked
package dev.comfygateway.simulator.image;

import org.jspecify.annotations.NullMarked;
