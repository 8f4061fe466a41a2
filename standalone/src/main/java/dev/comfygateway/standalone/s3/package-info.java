/** The embedded S3 server, a process of its own. */
@NullMarked
package dev.comfygateway.standalone.s3;

import org.jspecify.annotations.NullMarked;
