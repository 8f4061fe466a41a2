package dev.comfygateway.simulator.fault.control;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** All connections of clients; shut, it resets every one of them and those that come. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
final class ConnectionGate {

    private static final AttributeKey<Role> ROLE = AttributeKey.valueOf("simulator.fault.role");

    /** What a connection is for, as far as that is known. */
    enum Role {
        /** It carries a request about faults, which must be answered even when all others end. */
        CONTROL,
        /** It is an event socket. */
        EVENTS
    }

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private volatile boolean shut;

    ConnectionGate() {}

    void opened(Channel channel) {
        if (shut) {
            reset(channel);
        } else {
            channels.add(channel);
        }
    }

    void mark(Channel channel, Role role) {
        channel.attr(ROLE).set(role);
    }

    boolean isShut() {
        return shut;
    }

    /** Resets all connections, and each new one until it is opened. */
    void shut() {
        shut = true;
        channels.forEach(channel -> {
            if (channel.attr(ROLE).get() != Role.CONTROL) {
                reset(channel);
            }
        });
    }

    void open() {
        shut = false;
    }

    /** Resets the connections of event sockets only. */
    void dropSockets() {
        channels.forEach(channel -> {
            if (channel.attr(ROLE).get() == Role.EVENTS) {
                reset(channel);
            }
        });
    }

    /** Ends a connection as a process does that dies: with a reset, without any farewell. */
    static void reset(Channel channel) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        var _ = channel.close();
    }
}
