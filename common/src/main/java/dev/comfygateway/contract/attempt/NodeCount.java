package dev.comfygateway.contract.attempt;

/**
 * How far a prompt is.
 *
 * @param done nodes that need no more work, cached ones included; never falls during an attempt
 * @param total nodes the prompt will run or has cached; may grow when a node expands
 */
public record NodeCount(int done, int total) {}
