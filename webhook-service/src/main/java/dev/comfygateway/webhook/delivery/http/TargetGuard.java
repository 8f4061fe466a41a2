package dev.comfygateway.webhook.delivery.http;

import dev.comfygateway.webhook.delivery.DeliveryResult.Refused;
import dev.comfygateway.webhook.delivery.FailureReason;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.InetAddressFilter;

/** Decides which targets may be called, as far as the URL shows it. Names are judged again by their addresses. */
final class TargetGuard {

    private final List<String> allowedDomains;
    private final InetAddressFilter addresses;

    TargetGuard(TargetProperties properties) {
        this.allowedDomains = properties.allowedDomains().stream()
                .map(domain -> domain.strip().toLowerCase(Locale.ROOT))
                .filter(domain -> !domain.isEmpty())
                .toList();
        this.addresses =
                properties.allowPrivateAddresses() ? InetAddressFilter.all() : InetAddressFilter.externalAddresses();
    }

    /** For the client that connects: it judges the very address it is about to connect to. */
    InetAddressFilter addresses() {
        return addresses;
    }

    /** Why the URL must not be called, or empty. */
    Optional<Refused> check(URI url) {
        String host = url.getHost();
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (host == null || !(scheme.equals("https") || scheme.equals("http")) || url.getUserInfo() != null) {
            return refuse(FailureReason.INVALID_URL, "needs http or https, a host, and no credentials");
        }
        if (!domainAllowed(host)) {
            return refuse(FailureReason.DOMAIN_NOT_ALLOWED, "the host is not among the allowed domains");
        }
        // The client resolves nothing for a literal address and would not ask its filter.
        InetAddress literal = literal(host);
        if (literal != null && !addresses.matches(literal)) {
            return refuse(FailureReason.ADDRESS_NOT_ALLOWED, "private and local addresses are not allowed");
        }
        return Optional.empty();
    }

    private boolean domainAllowed(String host) {
        if (allowedDomains.isEmpty()) {
            return true;
        }
        String lower = host.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return allowedDomains.stream()
                .anyMatch(domain -> domain.equals("*")
                        || domain.equals(name)
                        || (domain.startsWith("*.")
                                && name.length() > domain.length() - 1
                                && name.endsWith(domain.substring(1))));
    }

    private static @Nullable InetAddress literal(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(bare);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("Not an address length: " + bytes.length, e);
        }
    }

    private static Optional<Refused> refuse(FailureReason reason, String detail) {
        return Optional.of(new Refused(reason, null, detail, false));
    }
}
