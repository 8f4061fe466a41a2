/** Tests of settings. */
@NullMarked
package dev.comfygateway.settings;

import org.jspecify.annotations.NullMarked;
