package dev.comfygateway.systemtests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The network between two parts, as bad as it is asked to be: it can delay what passes, hold it back, and reset
 * connections. Nothing that it has taken is lost unless the connection is reset, as with TCP itself.
 */
final class TcpProxy implements AutoCloseable {

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition talking = lock.newCondition();
    private boolean silent;
    private volatile Duration delay = Duration.ZERO;

    /** Two ends that belong together. */
    private record Pair(Socket client, Socket server) {

        /** The peers see a reset, not an orderly end. */
        void reset() {
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    socket.setSoLinger(true, 0);
                    socket.close();
                } catch (IOException e) {
                    // It is closed already.
                }
            }
        }
    }

    private TcpProxy(ServerSocket server, InetSocketAddress target) {
        this.server = server;
        this.target = target;
    }

    /** Listens on a free port of this machine from now on. */
    static TcpProxy to(int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        TcpProxy proxy = new TcpProxy(server, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().name("proxy-" + port).start(proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Every piece that passes takes so much longer; zero for none. */
    void delay(Duration each) {
        delay = each;
    }

    /** Holds everything back, or lets it pass again; connections stay open. */
    void silence(boolean on) {
        lock.lock();
        try {
            silent = on;
            talking.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Resets all connections there are; new ones are taken. */
    void reset() {
        pairs.forEach(Pair::reset);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> join(client));
            } catch (IOException e) {
                // Closed, or the client has gone before it was taken.
            }
        }
    }

    private void join(Socket client) {
        Pair pair = new Pair(client, new Socket());
        pairs.add(pair);
        try {
            pause();
            client.setTcpNoDelay(true);
            pair.server().setTcpNoDelay(true);
            pair.server().connect(target, 5_000);
            Thread back = Thread.ofVirtual().start(() -> pump(pair, pair.server(), client));
            pump(pair, client, pair.server());
            back.join();
        } catch (IOException e) {
            // Nobody listens there.
            pair.reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pair.reset();
        } finally {
            pairs.remove(pair);
            close(pair);
        }
    }

    private void pump(Pair pair, Socket from, Socket to) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                pause();
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // One end was reset, so the other one is.
            pair.reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pair.reset();
        }
    }

    private void pause() throws InterruptedException {
        Duration each = delay;
        if (each.isPositive()) {
            Thread.sleep(each);
        }
        lock.lock();
        try {
            while (silent) {
                talking.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void close(Pair pair) {
        try {
            pair.client().close();
            pair.server().close();
        } catch (IOException e) {
            // Then it is closed.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        silence(false);
        reset();
    }
}
