/** Generates the documents that follow from the code, and refuses claims that no test of this build supports. */
@NullMarked
package dev.comfygateway.docs;

import org.jspecify.annotations.NullMarked;
