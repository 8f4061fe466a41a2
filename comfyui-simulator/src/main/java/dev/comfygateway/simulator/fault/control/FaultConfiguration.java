package dev.comfygateway.simulator.fault.control;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Connects what is needed for scripted faults, if they are on. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("comfy.simulator.faults")
class FaultConfiguration {

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> connectionGateCustomizer(ConnectionGate gate) {
        return factory -> factory.addServerCustomizers(
                server -> server.doOnChannelInit((observer, channel, address) -> gate.opened(channel)));
    }

    /** Before the real server's routes, which answer every path. */
    @Bean
    @Order(0)
    RouterFunction<ServerResponse> faultRouter(FaultRoutes routes) {
        return routes.routes();
    }
}
