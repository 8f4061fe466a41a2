package dev.comfygateway.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Chooses TCP ports on 127.0.0.1. */
final class Ports {

    private Ports() {}

    /**
     * For each name its preferred port, or another free one where that is taken. All are held until the last is
     * chosen, so no two names get the same one.
     */
    static Map<String, Integer> choose(Map<String, Integer> preferred) {
        Map<String, Integer> chosen = new LinkedHashMap<>();
        List<ServerSocket> held = new ArrayList<>();
        // A free port picked by the system for one name must not be the preferred port of a later one.
        Set<Integer> reserved = new HashSet<>(preferred.values());
        try {
            for (Map.Entry<String, Integer> entry : preferred.entrySet()) {
                ServerSocket socket;
                try {
                    socket = bind(entry.getValue());
                } catch (IOException taken) {
                    socket = bind(0);
                    while (reserved.contains(socket.getLocalPort())) {
                        held.add(socket);
                        socket = bind(0);
                    }
                }
                held.add(socket);
                chosen.put(entry.getKey(), socket.getLocalPort());
            }
            return chosen;
        } catch (IOException e) {
            throw new UncheckedIOException("No free port on 127.0.0.1", e);
        } finally {
            held.forEach(Ports::close);
        }
    }

    /** Whether somebody could listen there now. */
    static boolean isFree(int port) {
        try (ServerSocket socket = bind(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
