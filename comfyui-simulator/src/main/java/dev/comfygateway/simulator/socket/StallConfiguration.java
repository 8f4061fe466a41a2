package dev.comfygateway.simulator.socket;

import io.netty.channel.ChannelOption;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** When slow clients shall hold up all others, small buffers let it show before megabytes are sent. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("comfy.simulator.stall-on-slow-client")
class StallConfiguration {

    private static final int SEND_BUFFER = 64 * 1024;

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> sendBufferCustomizer() {
        return factory ->
                factory.addServerCustomizers(server -> server.childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER));
    }
}
