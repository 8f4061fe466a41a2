package dev.comfygateway.simulator.media;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes silence as FLAC: every subframe is one constant. */
public final class FlacWriter {

    private static final int BLOCK = 4096;
    private static final int BITS = 16;

    private FlacWriter() {}

    /** That many samples of silence in each channel, with texts. */
    public static byte[] silence(int rate, int channels, long samples, Map<String, String> texts) {
        ByteSink out = new ByteSink().text("fLaC");
        out.big(0, 1).big(34, 3).big(BLOCK, 2).big(BLOCK, 2).big(0, 6);
        out.big((long) rate << 44 | (channels - 1L) << 41 | (BITS - 1L) << 36 | samples, 8);
        // A sum of zero says that there is none.
        out.big(0, 8).big(0, 8);
        byte[] comments = comments(texts);
        out.big(0x84, 1).big(comments.length, 3).bytes(comments);
        long left = samples;
        for (long number = 0; left > 0; number++) {
            out.bytes(frame(number, (int) Math.min(left, BLOCK), channels));
            left -= BLOCK;
        }
        return out.toBytes();
    }

    private static byte[] comments(Map<String, String> texts) {
        ByteSink out = new ByteSink();
        put(out, "comfyui-simulator");
        out.little(texts.size(), 4);
        texts.forEach((key, value) -> put(out, key + "=" + value));
        return out.toBytes();
    }

    private static void put(ByteSink out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.little(bytes.length, 4).bytes(bytes);
    }

    private static byte[] frame(long number, int samples, int channels) {
        ByteSink frame = new ByteSink().big(0xFFF8, 2);
        // 12 is a block of 4096; 7 says that the size follows. The rate is the stream's.
        frame.big((samples == BLOCK ? 12 : 7) << 4, 1);
        frame.big((channels - 1) << 4 | 4 << 1, 1);
        number(frame, number);
        if (samples != BLOCK) {
            frame.big(samples - 1, 2);
        }
        frame.big(crc(frame.toBytes(), 8, 0x07), 1);
        for (int i = 0; i < channels; i++) {
            frame.big(0, 1 + BITS / 8);
        }
        return frame.big(crc(frame.toBytes(), 16, 0x8005), 2).toBytes();
    }

    /** A number the way UTF-8 would write it, up to 31 bits. */
    private static void number(ByteSink frame, long number) {
        if (number < 0x80) {
            frame.big(number, 1);
            return;
        }
        int more = 1;
        while (number >>> (6 * more + 6 - more) != 0) {
            more++;
        }
        int lead = (0xFF << (7 - more)) & 0xFF;
        frame.big(lead | (number >>> (6 * more)), 1);
        for (int i = more - 1; i >= 0; i--) {
            frame.big(0x80 | (number >>> (6 * i) & 0x3F), 1);
        }
    }

    private static int crc(byte[] bytes, int width, int polynomial) {
        int crc = 0;
        for (byte value : bytes) {
            crc ^= (value & 0xFF) << (width - 8);
            for (int i = 0; i < 8; i++) {
                crc <<= 1;
                if ((crc >> width & 1) == 1) {
                    crc ^= polynomial | 1 << width;
                }
            }
        }
        return crc;
    }
}
