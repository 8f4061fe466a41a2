package dev.comfygateway.gateway.auth;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.settings.InvalidSettingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The configured keys, kept as hashes. Thread safe; never blocks. */
final class ApiKeys {

    private static final String VARIABLE = "API_KEYS";
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    private final List<Entry> entries;

    @SuppressWarnings("ArrayRecordComponent") // compared in constant time only
    private record Entry(byte[] hash, Caller caller) {}

    private ApiKeys(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * Reads the setting's form.
     *
     * @throws InvalidSettingException when an entry has another form; the message never repeats a key
     */
    static ApiKeys parse(String text) {
        List<Entry> entries = new ArrayList<>();
        int position = 0;
        for (String item : text.split(",", -1)) {
            position++;
            String trimmed = item.strip();
            if (trimmed.isEmpty()) {
                continue;
            }
            Entry entry = entry(trimmed, position);
            if (entries.stream().anyMatch(other -> MessageDigest.isEqual(other.hash(), entry.hash()))) {
                throw new InvalidSettingException(VARIABLE, "names the same key twice (entry " + position + ")");
            }
            entries.add(entry);
        }
        return new ApiKeys(entries);
    }

    private static Entry entry(String text, int position) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isBlank()) {
            throw new InvalidSettingException(VARIABLE, "entry " + position + " is not key:role or key:role:tenant");
        }
        Role role = switch (parts[1]) {
            case "user" -> Role.USER;
            case "admin" -> Role.ADMIN;
            default ->
                throw new InvalidSettingException(
                        VARIABLE, "entry " + position + " has a role that is neither user nor admin");
        };
        byte[] hash = sha256(parts[0]);
        String id = HexFormat.of().formatHex(hash, 0, 6);
        String tenant = parts.length == 3 ? parts[2] : "t_" + id;
        if (!TENANT.matcher(tenant).matches()) {
            throw new InvalidSettingException(
                    VARIABLE,
                    "entry " + position + " has a tenant with other characters than letters, digits, _ and -");
        }
        return new Entry(hash, Caller.user("k_" + id, tenant, role));
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whose key it is, or empty. Takes the same time whichever key matches. */
    Optional<Caller> find(String key) {
        byte[] hash = sha256(key);
        Optional<Caller> found = Optional.empty();
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(entry.hash(), hash)) {
                found = Optional.of(entry.caller());
            }
        }
        return found;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }
}
