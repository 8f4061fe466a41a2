package dev.comfygateway.simulator.socket;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * Brings messages to sockets one after the other and waits for each, as the real server does: a client that does not
 * read holds up all others. What waits has no limit, as there.
 */
final class PublishLoop implements AutoCloseable {

    private record Message(Supplier<List<ClientSocket>> receivers, Object content) {}

    private final BlockingQueue<Message> waiting = new LinkedBlockingQueue<>();
    private final Thread thread = Thread.ofVirtual().name("publish-loop").start(this::publish);

    PublishLoop() {}

    /** Who hears it is decided when it is its turn. */
    void add(Supplier<List<ClientSocket>> receivers, Object content) {
        waiting.add(new Message(receivers, content));
    }

    /** Forgets what waits. */
    void forget() {
        waiting.clear();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void publish() {
        try {
            while (true) {
                Message message = waiting.take();
                for (ClientSocket socket : message.receivers().get()) {
                    socket.sendWhenRead(message.content());
                }
            }
        } catch (InterruptedException e) {
            // The process ends.
            Thread.currentThread().interrupt();
        }
    }
}
