package dev.comfygateway.worker.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** A port of the loopback interface behind which a server is there only now. */
public final class LatePort implements AutoCloseable {

    private final ServerSocket listening;
    private final InetSocketAddress target;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * @param port as {@link #free} has given it
     * @param hostAndPort of the server
     */
    public LatePort(int port, String hostAndPort) throws IOException {
        URI server = URI.create("tcp://" + hostAndPort);
        target = new InetSocketAddress(server.getHost(), server.getPort());
        listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofPlatform().daemon().start(this::accept);
    }

    /** A port where nobody listens yet. */
    public static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket from = listening.accept();
                connections.incrementAndGet();
                Socket to = new Socket();
                to.connect(target);
                Thread.ofPlatform().daemon().start(() -> copy(from, to));
                Thread.ofPlatform().daemon().start(() -> copy(to, from));
            } catch (IOException e) {
                // closed, or the other side is away: whoever connected sees that
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // ended by one of the two
        }
    }
}
