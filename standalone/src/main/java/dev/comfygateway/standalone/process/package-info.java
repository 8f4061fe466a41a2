/** Child processes that never outlive their parent. */
@NullMarked
package dev.comfygateway.standalone.process;

import org.jspecify.annotations.NullMarked;
