/** Telling idle workers that there is work. */
@NullMarked
package dev.comfygateway.job.offer;

import org.jspecify.annotations.NullMarked;
