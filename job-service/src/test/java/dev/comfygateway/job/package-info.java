@NullMarked
package dev.comfygateway.job;

import org.jspecify.annotations.NullMarked;
