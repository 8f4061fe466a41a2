package dev.comfygateway.standalone;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Stands for a packaged service: answers everything with 200 and ends when its standard input closes. */
public final class FakeService {

    private FakeService() {}

    public static void main(String[] args) throws Exception {
        String broken = System.getenv().getOrDefault("FAKE_BROKEN", "");
        String self = System.getProperty("java.class.path");
        if (!broken.isEmpty() && self.contains(broken)) {
            System.out.println("Description:\n\nINTERNAL_TOKEN_SECRET is not to its liking\n\nAction:");
            System.exit(3);
        }
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            while (System.in.read() >= 0) {
                // Means nothing.
            }
        } catch (IOException e) {
            // As good as closed.
        }
        System.exit(0);
    }
}
