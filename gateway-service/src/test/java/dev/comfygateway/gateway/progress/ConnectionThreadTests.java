package dev.comfygateway.gateway.progress;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

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

    @Test
    void answersWithAStreamThatIsFedOnThatThread() {
        JobEventsController controller = new JobEventsController(
                mock(JobStreams.class),
                new SseForm(JsonMapper.builder().build()),
                new StreamProperties(
                        Duration.ofSeconds(15),
                        Duration.ofMillis(250),
                        1000,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(60)));
        Flux<StreamItem> elsewhere =
                Flux.<StreamItem>just(new StreamItem.Heartbeat()).repeat(20).publishOn(Schedulers.parallel());

        List<Boolean> own = requireNonNull(controller.stream(elsewhere, thread).getBody())
                .map(event -> thread.inEventLoop())
                .collectList()
                .block(Duration.ofSeconds(10));

        assertThat(own).as("the greeting and 21 heartbeats").hasSize(22).containsOnly(true);
    }
}
