package dev.comfygateway.gateway.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

class ConnectionThreadTests {

    private final EventLoop thread = new DefaultEventLoop();

    @AfterEach
    void stop() {
        var _ = thread.shutdownGracefully();
    }

    @Test
    void feedsTheConnectionOnItsOwnThreadInOrder() {
        Flux<Integer> elsewhere = Flux.range(1, 500).publishOn(Schedulers.parallel());

        List<Boolean> own = ConnectionThread.emit(elsewhere, thread)
                .map(item -> thread.inEventLoop())
                .collectList()
                .block(Duration.ofSeconds(10));
        List<Integer> items =
                ConnectionThread.emit(elsewhere, thread).collectList().block(Duration.ofSeconds(10));

        assertThat(own).hasSize(500).containsOnly(true);
        assertThat(items).containsExactlyElementsOf(Flux.range(1, 500).toIterable());
    }
}
