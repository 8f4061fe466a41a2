/** What services with a database share. */
@NullMarked
package dev.comfygateway.database;

import org.jspecify.annotations.NullMarked;
