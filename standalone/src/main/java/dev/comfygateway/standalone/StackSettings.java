package dev.comfygateway.standalone;

import dev.comfygateway.settings.DatabaseUrl;
import dev.comfygateway.settings.InvalidSettingException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the operator asked for, checked before anything is started.
 *
 * @param home the project's folder, where the packaged services are
 * @param data folder of everything that is kept
 * @param host where the gateway listens; everything else listens on 127.0.0.1
 * @param port the gateway's port when it was asked for, else empty
 * @param kafka addresses of an external Kafka
 * @param database URL of an external PostgreSQL
 * @param s3 an external S3 server
 * @param comfyUi URL of a ComfyUI server; without it the simulator is started
 * @param authEnabled whether clients need a key
 * @param restart whether a child that dies later is started again
 * @param restartDelay pause before the first restart; doubles up to 30 s
 * @param javaOptions for the virtual machine of every child, after our own
 */
record StackSettings(
        Path home,
        Path data,
        String host,
        Optional<Integer> port,
        Optional<String> kafka,
        Optional<String> database,
        Optional<ExternalS3> s3,
        Optional<String> comfyUi,
        boolean authEnabled,
        boolean restart,
        Duration restartDelay,
        List<String> javaOptions) {

    private static final Pattern HOST_PORT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");

    /**
     * An S3 server that is not ours.
     *
     * @param endpoint address for the services
     * @param publicEndpoint address in the links that clients get
     * @param bucket bucket name
     * @param accessKey user
     * @param secretKey password
     * @param region region for signatures
     */
    record ExternalS3(
            String endpoint, String publicEndpoint, String bucket, String accessKey, String secretKey, String region) {
        @Override
        public String toString() {
            return "ExternalS3[" + endpoint + "]";
        }
    }

    /**
     * Reads the environment.
     *
     * @param home the project's folder
     * @param dataOption folder given on the command line, or null
     * @throws InvalidSettingException naming the variable that is wrong
     */
    static StackSettings of(Map<String, String> environment, Path home, @Nullable Path dataOption) {
        Path data = dataOption != null
                ? dataOption
                : Path.of(given(environment, "COMFYGW_DATA").orElse("data"));
        String host = given(environment, "HOST").orElse("127.0.0.1");
        boolean keys = given(environment, "API_KEYS").isPresent();
        Optional<Boolean> authAsked = flag(environment, "AUTH_ENABLED");
        if (!keys && authAsked.orElse(false)) {
            throw new InvalidSettingException("API_KEYS", "must be set when AUTH_ENABLED=true");
        }
        if (!keys && authAsked.isEmpty() && !isLoopback(host)) {
            throw new InvalidSettingException(
                    "API_KEYS",
                    "must be set when HOST is not a loopback address (or set AUTH_ENABLED=false to serve everybody)");
        }
        return new StackSettings(
                home.toAbsolutePath().normalize(),
                data.toAbsolutePath().normalize(),
                host,
                given(environment, "PORT").map(text -> port("PORT", text)),
                given(environment, "KAFKA_BOOTSTRAP_SERVERS").map(StackSettings::hostPorts),
                given(environment, "DATABASE_URL").map(text -> {
                    DatabaseUrl.parse(text);
                    return text;
                }),
                s3(environment),
                given(environment, "COMFYUI_URL").map(StackSettings::comfyUis),
                authAsked.orElse(keys),
                flag(environment, "COMFYGW_RESTART").orElse(true),
                Duration.ofMillis(given(environment, "COMFYGW_RESTART_DELAY_MS")
                        .map(text -> number("COMFYGW_RESTART_DELAY_MS", text))
                        .orElse(1000)),
                given(environment, "COMFYGW_JAVA_OPTIONS")
                        .map(text -> List.of(text.split("\\s+")))
                        .orElse(List.of()));
    }

    /** Whether only this machine can reach the gateway. */
    boolean hostIsLoopback() {
        return isLoopback(host);
    }

    /** An address at which the gateway can be asked from this machine. */
    String hostForLinks() {
        return Set.of("0.0.0.0", "::", "[::]").contains(host) ? "127.0.0.1" : host;
    }

    private static Optional<ExternalS3> s3(Map<String, String> environment) {
        Optional<String> endpoint = given(environment, "S3_ENDPOINT").map(text -> httpUrl("S3_ENDPOINT", text));
        Optional<String> publicEndpoint =
                given(environment, "S3_PUBLIC_ENDPOINT").map(text -> httpUrl("S3_PUBLIC_ENDPOINT", text));
        return endpoint.map(url -> new ExternalS3(
                url,
                publicEndpoint.orElse(url),
                given(environment, "S3_BUCKET").orElse("comfyui-outputs"),
                needed(environment, "S3_ACCESS_KEY"),
                needed(environment, "S3_SECRET_KEY"),
                given(environment, "S3_REGION").orElse("us-east-1")));
    }

    private static String needed(Map<String, String> environment, String name) {
        return given(environment, name)
                .orElseThrow(() -> new InvalidSettingException(name, "must be set when S3_ENDPOINT is set"));
    }

    private static Optional<String> given(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private static Optional<Boolean> flag(Map<String, String> environment, String name) {
        return given(environment, name).map(text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes", "on" -> true;
            case "false", "0", "no", "off" -> false;
            default -> throw new InvalidSettingException(name, "must be true or false");
        });
    }

    private static int number(String name, String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, for both reasons.
        }
        throw new InvalidSettingException(name, "must be a number, 0 or more");
    }

    private static int port(String name, String text) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            throw new InvalidSettingException(name, "must be a port number from 1 to 65535");
        }
        return port;
    }

    private static String hostPorts(String text) {
        for (String one : text.split(",", -1)) {
            var match = HOST_PORT.matcher(one.strip());
            if (!match.matches() || Integer.parseInt(match.group(2)) > 65535 || Integer.parseInt(match.group(2)) < 1) {
                throw new InvalidSettingException(
                        "KAFKA_BOOTSTRAP_SERVERS", "must be a list like host1:9092,host2:9092");
            }
        }
        return text;
    }

    private static String comfyUis(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(one -> httpUrl("COMFYUI_URL", one))
                .collect(Collectors.joining(","));
    }

    private static String httpUrl(String name, String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null
                    && uri.getScheme() != null
                    && Set.of("http", "https").contains(uri.getScheme().toLowerCase(Locale.ROOT))
                    && uri.getPort() <= 65535) {
                return text.replaceAll("/+$", "");
            }
        } catch (URISyntaxException e) {
            // Said below, for both reasons.
        }
        throw new InvalidSettingException(name, "must be a URL like http://host:port");
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new InvalidSettingException("HOST", "must be an address of this machine, for example 127.0.0.1");
        }
    }
}
