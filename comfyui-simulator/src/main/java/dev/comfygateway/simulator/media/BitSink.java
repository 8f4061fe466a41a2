package dev.comfygateway.simulator.media;

import java.io.ByteArrayOutputStream;

/** Bits, least significant first, as VP8L packs them. */
final class BitSink {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    private long held;
    private int count;

    void put(int value, int bits) {
        held |= (value & ((1L << bits) - 1)) << count;
        count += bits;
        while (count >= 8) {
            out.write((int) held);
            held >>>= 8;
            count -= 8;
        }
    }

    byte[] toBytes() {
        if (count > 0) {
            out.write((int) held);
            held = 0;
            count = 0;
        }
        return out.toByteArray();
    }
}
