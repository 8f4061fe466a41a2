package dev.comfygateway.simulator.image;

import java.io.ByteArrayOutputStream;

/** Packs bits into bytes, the lowest bit first. */
final class BitSink {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    private long pending;
    private int count;

    void bits(int value, int width) {
        pending |= (value & ((1L << width) - 1)) << count;
        count += width;
        while (count >= 8) {
            out.write((int) pending);
            pending >>>= 8;
            count -= 8;
        }
    }

    byte[] finish() {
        if (count > 0) {
            out.write((int) pending);
            pending = 0;
            count = 0;
        }
        return out.toByteArray();
    }
}
