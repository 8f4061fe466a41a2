package dev.comfygateway.webhook.delivery;

/** Class of a failed try, for logs, metrics and the deliveries a client can list. */
public enum FailureReason {
    /** The host name could not be resolved. */
    DNS,
    /** No trusted TLS connection: self-signed, expired, wrong name, no TLS at all. */
    TLS,
    /** No complete answer in time. */
    TIMEOUT,
    /** No connection, or it ended before the answer. */
    CONNECT,
    /** An answer that is no 2xx. */
    STATUS,
    /** The host has only addresses that webhooks must not reach. */
    ADDRESS_NOT_ALLOWED,
    /** The host is not among the allowed domains. */
    DOMAIN_NOT_ALLOWED,
    /** Not a URL that can be called. */
    INVALID_URL
}
