package dev.comfygateway.simulator.fault;

/** The faults that concern the whole server. */
public interface ServerControl {

    /** Ends the server without a word and starts it again, as far as anybody outside can tell. */
    void crash(Fault fault);

    /** Drops the connections of all event sockets. */
    void dropSockets();
}
