/** Graphs and the templates they are made from; pure except for reading the bundled files. */
@NullMarked
package dev.comfygateway.job.workflow;

import org.jspecify.annotations.NullMarked;
