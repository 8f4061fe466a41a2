package dev.comfygateway.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code DATABASE_URL}, read from either of its two forms: {@code postgresql://user:pw@host:port/db?sslmode=…} (also
 * {@code postgres://}) and {@code r2dbc:postgresql://…}.
 *
 * @param host host name or address
 * @param port TCP port, 5432 when not given
 * @param database database name
 * @param user or null when not given
 * @param password or null when not given
 * @param query raw query string without the question mark, or empty
 */
public record DatabaseUrl(
        String host,
        int port,
        String database,
        @Nullable String user,
        @Nullable String password,
        String query) {

    private static final String VARIABLE = "DATABASE_URL";
    private static final Pattern SCHEME = Pattern.compile("(r2dbc:)?(postgres|postgresql)");

    /** Reads either form; throws {@link InvalidSettingException} naming the variable when it is neither. */
    public static DatabaseUrl parse(String text) {
        int colon = text.indexOf("://");
        String scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!SCHEME.matcher(scheme).matches()) {
            throw new InvalidSettingException(
                    VARIABLE, "must look like postgresql://user:password@host:5432/database or r2dbc:postgresql://…");
        }
        URI uri;
        try {
            uri = new URI("postgresql" + text.substring(colon));
        } catch (URISyntaxException e) {
            throw new InvalidSettingException(
                    VARIABLE, "is not a URL; special characters in the password must be percent-encoded");
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (uri.getHost() == null || path.length() < 2) {
            throw new InvalidSettingException(
                    VARIABLE, "needs a host and a database: postgresql://user:password@host:5432/database");
        }
        String userInfo = uri.getRawUserInfo();
        String user = null;
        String password = null;
        if (userInfo != null) {
            int split = userInfo.indexOf(':');
            user = decode(split < 0 ? userInfo : userInfo.substring(0, split));
            password = split < 0 ? null : decode(userInfo.substring(split + 1));
        }
        return new DatabaseUrl(
                uri.getHost(),
                uri.getPort() < 0 ? 5432 : uri.getPort(),
                path.substring(1),
                user,
                password,
                uri.getRawQuery() == null ? "" : uri.getRawQuery());
    }

    /** For Flyway; without credentials. */
    public String jdbc() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database + suffix(query);
    }

    /** For R2DBC; without credentials. The driver spells {@code sslmode} in camel case. */
    public String r2dbc() {
        return "r2dbc:postgresql://" + host + ":" + port + "/" + database
                + suffix(query.replace("sslmode=", "sslMode="));
    }

    private static String suffix(String query) {
        return query.isEmpty() ? "" : "?" + query;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
