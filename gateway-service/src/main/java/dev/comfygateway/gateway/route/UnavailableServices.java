package dev.comfygateway.gateway.route;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Tells a service that is away from everything else that can go wrong. */
public final class UnavailableServices {

    private static final Logger log = LoggerFactory.getLogger(UnavailableServices.class);

    private UnavailableServices() {}

    /** A 503 problem when the service could not be reached or did not answer in time; else the error itself. */
    public static Throwable translate(String service, Throwable error) {
        if (!isAway(error)) {
            return error;
        }
        log.atWarn()
                .addKeyValue("service", service)
                .addKeyValue("reason", String.valueOf(error.getMessage()))
                .log("A service does not answer");
        return new ProblemException(
                ErrorCode.SERVICE_UNAVAILABLE, "The " + service + " service does not answer; try again later");
    }

    private static boolean isAway(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException || cause instanceof TimeoutException) {
                return true;
            }
            if (cause instanceof ResponseStatusException status
                    && status.getStatusCode().value() == HttpStatus.GATEWAY_TIMEOUT.value()) {
                return true;
            }
        }
        return false;
    }
}
