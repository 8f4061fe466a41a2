/** The API's description and its page. */
@NullMarked
package dev.comfygateway.gateway.docs;

import org.jspecify.annotations.NullMarked;
