package dev.comfygateway.simulator.media;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes, with numbers in either order. */
final class ByteSink {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ByteSink text(String ascii) {
        return bytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    ByteSink bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Lowest byte first. */
    ByteSink little(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >> (8 * i)));
        }
        return this;
    }

    /** Highest byte first. */
    ByteSink big(long value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (value >> (8 * i)));
        }
        return this;
    }

    /** Fills up to a multiple. */
    ByteSink align(int multiple, int filler) {
        while (out.size() % multiple != 0) {
            out.write(filler);
        }
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
