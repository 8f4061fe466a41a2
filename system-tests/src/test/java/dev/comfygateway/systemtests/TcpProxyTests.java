package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class TcpProxyTests {

    private static final int READ_LIMIT_MS = 10_000;

    private ServerSocket echo;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        echo = listening;
        Thread.ofVirtual().start(() -> serve(listening));
        proxy = TcpProxy.to(echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void passesOnWhatBothSidesSayAndTheirEnds() throws IOException {
        assertAnswers();
    }

    @Test
    void holdsBackWithoutLosingAnything() throws IOException {
        try (Socket client = connect()) {
            proxy.silence(true);
            client.getOutputStream().write('a');
            client.setSoTimeout(200);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            proxy.silence(false);
            client.setSoTimeout(READ_LIMIT_MS);
            assertThat(client.getInputStream().read()).isEqualTo('a');
        }
    }

    @Test
    void isAsLateAsAskedFor() throws IOException {
        try (Socket client = connect()) {
            proxy.delay(Duration.ofMillis(100));
            long start = System.nanoTime();
            client.getOutputStream().write('a');
            assertThat(client.getInputStream().read()).isEqualTo('a');
            // There and back.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void resetsWhatIsOpenAndTakesNewConnections() throws IOException {
        try (Socket client = connect()) {
            client.getOutputStream().write('a');
            assertThat(client.getInputStream().read()).isEqualTo('a');
            proxy.reset();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
        assertAnswers();
    }

    @Test
    void resetsClientsOfAServerThatIsNotThere() throws IOException {
        try (Socket bound = new Socket()) {
            // Taken and not listened on. A listener that was just closed may still answer.
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (TcpProxy toNobody = TcpProxy.to(bound.getLocalPort());
                    Socket client = connect(toNobody)) {
                assertThatThrownBy(() -> client.getInputStream().read())
                        .isInstanceOf(IOException.class)
                        .isNotInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    private void assertAnswers() throws IOException {
        try (Socket client = connect()) {
            client.getOutputStream().write("over and out".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("over and out");
        }
    }

    private Socket connect() throws IOException {
        return connect(proxy);
    }

    /** A read that waits for ever could not be interrupted by the time limit of the test. */
    private static Socket connect(TcpProxy proxy) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(READ_LIMIT_MS);
        return client;
    }

    private static void serve(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket peer = listening.accept();
                Thread.ofVirtual().start(() -> {
                    try (peer) {
                        peer.getInputStream().transferTo(peer.getOutputStream());
                    } catch (IOException e) {
                        // The test has ended it.
                    }
                });
            } catch (IOException e) {
                // Closed.
            }
        }
    }
}
