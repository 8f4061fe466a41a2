package dev.comfygateway.worker.settings;

import dev.comfygateway.settings.InvalidSettingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads addresses of other servers from settings. */
public final class ServiceUrls {

    private ServiceUrls() {}

    /** One address or a comma list; throws {@link InvalidSettingException} naming the variable. */
    public static List<URI> parseList(String variable, String text) {
        List<URI> urls = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (!part.isBlank()) {
                urls.add(parse(variable, part.strip()));
            }
        }
        if (urls.isEmpty()) {
            throw new InvalidSettingException(variable, "is empty; it needs an address such as http://localhost:8188");
        }
        if (urls.stream().distinct().count() != urls.size()) {
            throw new InvalidSettingException(variable, "names the same server twice");
        }
        return List.copyOf(urls);
    }

    /**
     * One http(s) address, without the slash at its end. The text itself is not repeated in the message: it may hold
     * credentials.
     */
    public static URI parse(String variable, String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new InvalidSettingException(variable, "is not a URL; expected something like http://localhost:8188");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new InvalidSettingException(variable, "must begin with http:// or https://");
        }
        if (uri.getHost() == null) {
            throw new InvalidSettingException(variable, "has no host; expected something like http://localhost:8188");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
            throw new InvalidSettingException(variable, "must be an address without user, query or fragment");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return URI.create(scheme + "://" + uri.getHost() + port + path);
    }
}
