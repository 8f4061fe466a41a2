/** What every service's HTTP edge shares: callers, problems, health. */
@NullMarked
package dev.comfygateway.edge;

import org.jspecify.annotations.NullMarked;
