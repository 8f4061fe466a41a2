package dev.comfygateway.contract.event;

/** Marks a record that is the JSON value of one event type. Its name and version are in {@link EventType}. */
public interface EventData {}
