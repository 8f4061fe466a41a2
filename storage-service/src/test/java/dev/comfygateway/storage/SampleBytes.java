package dev.comfygateway.storage;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** What the tests upload. */
final class SampleBytes {

    static final byte[] PNG = png(200_000);

    private SampleBytes() {}

    static byte[] slice(int from, int to) {
        return Arrays.copyOfRange(PNG, from, to);
    }

    /** The signature of PNG, then bytes that repeat from run to run. */
    static byte[] png(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        byte[] magic = {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
        System.arraycopy(magic, 0, bytes, 0, magic.length);
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
