@NullMarked
package dev.comfygateway.job.submission.web;

import org.jspecify.annotations.NullMarked;
