/** Rules for the code of this module. */
@NullMarked
package dev.comfygateway.architecture;

import org.jspecify.annotations.NullMarked;
