/** Environment variables and process life cycle shared by all services. */
@NullMarked
package dev.comfygateway.settings;

import org.jspecify.annotations.NullMarked;
