package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
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
            client.setSoTimeout(0);
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
        echo.close();
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
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
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
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
