/** What the tests of every module share. */
@NullMarked
package dev.comfygateway.testing;

import org.jspecify.annotations.NullMarked;
