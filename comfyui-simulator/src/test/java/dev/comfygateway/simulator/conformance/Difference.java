package dev.comfygateway.simulator.conformance;

/**
 * Something the simulator did otherwise.
 *
 * @param place where: a request as {@code METHOD path}, or {@code socket NAME}
 * @param text what
 */
record Difference(String place, String text) {

    @Override
    public String toString() {
        return place + ": " + text;
    }
}
