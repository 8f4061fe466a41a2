package dev.comfygateway.worker.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Looks through the structure of files, for those types that say how long their parts are: a file that breaks off, or
 * was damaged on its way to the disk, is found out although it begins well.
 */
final class MediaStructure {

    private static final int BLOCK = 64 * 1024;

    /** What a live encoder writes as a length when it does not know it yet. */
    private static final long UNKNOWN = 0xffffffffL;

    private MediaStructure() {}

    /** Whether all of the file is there, as far as its type tells. */
    static boolean isWhole(String type, SpooledFile file) throws IOException {
        return switch (type) {
            case "image/png" -> png(file);
            // Cameras and editors append things after the end of the picture.
            case "image/jpeg" -> indexOf(file.read(Math.max(0, file.size() - BLOCK), BLOCK), 0xff, 0xd9) >= 0;
            case "image/gif" -> file.tail()[file.tail().length - 1] == 0x3b;
            case "image/bmp" -> littleEndian(file, 2) <= file.size();
            case "image/webp" -> littleEndian(file, 4) + 8 <= file.size();
            case "audio/wav" -> littleEndian(file, 4) == UNKNOWN || littleEndian(file, 4) + 8 <= file.size();
            case "model/gltf-binary" -> littleEndian(file, 8) <= file.size();
            case "image/avif" -> boxes(file, false);
            case "video/mp4", "video/quicktime", "audio/mp4" -> boxes(file, true);
            case "video/webm", "video/x-matroska" -> segment(file);
            case "application/safetensors" -> safetensors(file);
            default -> true;
        };
    }

    /** Every chunk has a length and a checksum, and the last one is IEND. */
    private static boolean png(SpooledFile file) throws IOException {
        long at = 8;
        while (at + 12 <= file.size()) {
            ByteBuffer start = ByteBuffer.wrap(file.read(at, 8));
            long length = start.getInt() & UNKNOWN;
            String name = new String(start.array(), 4, 4, StandardCharsets.ISO_8859_1);
            long end = at + 8 + length;
            if (end + 4 > file.size()) {
                return false;
            }
            CRC32 sum = new CRC32();
            for (long part = at + 4; part < end; part += BLOCK) {
                sum.update(file.read(part, (int) Math.min(BLOCK, end - part)));
            }
            if ((ByteBuffer.wrap(file.read(end, 4)).getInt() & UNKNOWN) != sum.getValue()) {
                return false;
            }
            if (name.equals("IEND")) {
                return true;
            }
            at = end + 4;
        }
        return false;
    }

    /** The boxes of an ISO media file follow each other to its end, and some say how to play it, and what. */
    private static boolean boxes(SpooledFile file, boolean media) throws IOException {
        long at = 0;
        boolean described = false;
        boolean filled = !media;
        while (at + 8 <= file.size()) {
            ByteBuffer head = ByteBuffer.wrap(file.read(at, 16));
            long size = head.getInt() & UNKNOWN;
            byte[] name = new byte[4];
            head.get(name);
            if (size == 1) {
                size = head.remaining() == 8 ? head.getLong() : -1;
            } else if (size == 0) {
                size = file.size() - at;
            }
            if (size < 8 || size > file.size() - at) {
                return false;
            }
            String type = new String(name, StandardCharsets.ISO_8859_1);
            described |= type.equals("moov") || type.equals("moof") || type.equals("meta");
            filled |= type.equals("mdat");
            at += size;
        }
        // Some writers leave a few bytes of padding.
        return described && filled && file.size() - at < 8;
    }

    /** The header is followed by one segment, which may know its length. */
    private static boolean segment(SpooledFile file) throws IOException {
        long[] header = element(file, 0);
        long[] segment = header[1] < 0 ? header : element(file, header[0] + header[1]);
        // A live encoder leaves the length open.
        return header[1] >= 0 && segment[0] > 0 && (segment[1] < 0 || segment[0] + segment[1] <= file.size());
    }

    /** Where the content of an element begins and how long it is; -1 when it does not say; 0, 0 when there is none. */
    private static long[] element(SpooledFile file, long at) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file.read(at, 12));
        if (bytes.remaining() < 2 || bytes.get(0) == 0) {
            return new long[] {0, 0};
        }
        int idLength = Integer.numberOfLeadingZeros(bytes.get(0) & 0xff) - 23;
        int first = idLength < bytes.limit() ? bytes.get(idLength) & 0xff : 0;
        int sizeLength = Integer.numberOfLeadingZeros(first) - 23;
        if (first == 0 || idLength + sizeLength > bytes.limit()) {
            return new long[] {0, 0};
        }
        long mask = (1L << (7 * sizeLength)) - 1;
        long size = 0;
        for (int i = 0; i < sizeLength; i++) {
            size = size << 8 | (bytes.get(idLength + i) & 0xff);
        }
        size &= mask;
        return new long[] {at + idLength + sizeLength, size == mask ? -1 : size};
    }

    private static boolean safetensors(SpooledFile file) throws IOException {
        byte[] start = file.read(0, 8);
        if (start.length < 8) {
            return false;
        }
        long header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return header > 1 && header <= file.size() - 8 && file.read(8, 1)[0] == '{';
    }

    private static long littleEndian(SpooledFile file, int at) throws IOException {
        byte[] bytes = file.read(at, 4);
        return bytes.length < 4
                ? Long.MAX_VALUE / 2
                : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt() & UNKNOWN;
    }

    private static int indexOf(byte[] bytes, int first, int second) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if ((bytes[i] & 0xff) == first && (bytes[i + 1] & 0xff) == second) {
                return i;
            }
        }
        return -1;
    }
}
