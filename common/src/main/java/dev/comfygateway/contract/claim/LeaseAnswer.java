package dev.comfygateway.contract.claim;

import java.util.List;

/**
 * What became of the leases.
 *
 * @param renewed attempts whose lease was extended
 * @param stop attempts the worker must stop but still holds: the job is being canceled
 * @param ended attempts the worker no longer holds: superseded, canceled or unknown. Results are refused
 * @param leaseSeconds how long the renewed leases last
 * @param drain whether the worker is to take nothing new: an operator drains it
 */
public record LeaseAnswer(
        List<String> renewed, List<String> stop, List<String> ended, int leaseSeconds, boolean drain) {
    public LeaseAnswer {
        renewed = List.copyOf(renewed);
        stop = List.copyOf(stop);
        ended = List.copyOf(ended);
    }
}
