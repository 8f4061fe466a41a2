package dev.comfygateway.storage.asset;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Finds the media type of a file from its first bytes; what the client claims is not asked. */
final class ContentTypes {

    /** How many bytes are looked at. */
    static final int HEAD = 4096;

    private ContentTypes() {}

    static String sniff(byte[] head) {
        if (starts(head, 0, 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a)) {
            return "image/png";
        }
        if (starts(head, 0, 0xff, 0xd8, 0xff)) {
            return "image/jpeg";
        }
        if (text(head, 0, "GIF87a") || text(head, 0, "GIF89a")) {
            return "image/gif";
        }
        if (text(head, 0, "RIFF") && text(head, 8, "WEBP")) {
            return "image/webp";
        }
        if (text(head, 0, "RIFF") && text(head, 8, "WAVE")) {
            return "audio/wav";
        }
        if (text(head, 0, "fLaC")) {
            return "audio/flac";
        }
        if (text(head, 0, "OggS")) {
            return "audio/ogg";
        }
        if (text(head, 4, "ftyp")) {
            return isoMedia(head);
        }
        if (starts(head, 0, 0x1a, 0x45, 0xdf, 0xa3)) {
            // Matroska and WebM differ by the document type, which is within the first bytes.
            return new String(head, 0, Math.min(head.length, 64), StandardCharsets.ISO_8859_1).contains("webm")
                    ? "video/webm"
                    : "video/x-matroska";
        }
        // An MPEG audio frame begins with eleven set bits; version, layer and bit rate must not be the reserved ones.
        if (text(head, 0, "ID3")
                || (head.length > 2
                        && (head[0] & 0xff) == 0xff
                        && (head[1] & 0xe6) == 0xe2
                        && (head[1] & 0x18) != 0x08
                        && (head[2] & 0xf0) != 0xf0)) {
            return "audio/mpeg";
        }
        return textual(head);
    }

    private static String isoMedia(byte[] head) {
        if (text(head, 8, "avif")) {
            return "image/avif";
        }
        if (text(head, 8, "M4A ")) {
            return "audio/mp4";
        }
        return text(head, 8, "qt  ") ? "video/quicktime" : "video/mp4";
    }

    private static String textual(byte[] head) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer chars = CharBuffer.allocate(head.length);
        // Not told that the input ends here: a character may be cut where the head ends.
        CoderResult result = utf8.decode(ByteBuffer.wrap(head), chars, head.length < HEAD);
        if (result.isError()) {
            return "application/octet-stream";
        }
        String text = chars.flip().toString();
        if (text.chars().anyMatch(c -> c < ' ' && "\t\n\r\f\b\u001b".indexOf(c) < 0)) {
            return "application/octet-stream";
        }
        String start = (text.startsWith("\ufeff") ? text.substring(1) : text)
                .stripLeading()
                .toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return "text/html";
        }
        if (start.startsWith("<svg") || (start.startsWith("<?xml") && start.contains("<svg"))) {
            return "image/svg+xml";
        }
        if (start.startsWith("<?xml")) {
            return "application/xml";
        }
        return start.startsWith("{") || start.startsWith("[") ? "application/json" : "text/plain";
    }

    private static boolean text(byte[] head, int offset, String magic) {
        byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
        if (head.length < offset + bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (head[offset + i] != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean starts(byte[] head, int offset, int... magic) {
        if (head.length < offset + magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[offset + i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
