package dev.comfygateway.contract.problem;

/**
 * One thing that is wrong with a request.
 *
 * @param pointer JSON pointer (RFC 6901) to the offending value, for example {@code /inputs/width}
 * @param detail what is wrong with it, safe to show to clients
 */
public record FieldError(String pointer, String detail) {}
