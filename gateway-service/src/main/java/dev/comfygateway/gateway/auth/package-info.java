/** API keys and the caller they prove. */
@NullMarked
package dev.comfygateway.gateway.auth;

import org.jspecify.annotations.NullMarked;
