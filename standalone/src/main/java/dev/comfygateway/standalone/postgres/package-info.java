/** The database server in a process of its own. */
@NullMarked
package dev.comfygateway.standalone.postgres;

import org.jspecify.annotations.NullMarked;
