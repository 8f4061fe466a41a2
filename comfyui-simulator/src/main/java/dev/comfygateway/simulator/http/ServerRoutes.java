package dev.comfygateway.simulator.http;

import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What the web UI needs beside prompts and files. */
@Component
record ServerRoutes(ExtraRoutes extras, InternalRoutes internals, UserDataRoutes userData) {

    RouterFunction<ServerResponse> routes() {
        return userData.routes().and(extras.routes());
    }

    RouterFunction<ServerResponse> withoutTwin() {
        return internals.routes().and(extras.pages());
    }
}
