package dev.comfygateway.observability;

import org.jspecify.annotations.Nullable;

/**
 * Which build this is.
 *
 * @param version of the project; {@code development} outside a packaged jar
 * @param commit it was made from, when the environment tells
 */
public record BuildVersion(String version, @Nullable String commit) {}
