package dev.comfygateway.simulator.node;

/**
 * What a sampled picture depends on.
 *
 * @param text everything that was asked for, including the model and the sampler
 * @param seed the seed
 * @param strength how much it differs from emptiness, 0..1
 */
public record Scene(String text, long seed, double strength) {

    static final Scene EMPTY = new Scene("", 0, 0);
}
