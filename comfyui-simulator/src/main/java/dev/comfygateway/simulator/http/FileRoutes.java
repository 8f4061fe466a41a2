package dev.comfygateway.simulator.http;

import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Reading and receiving files, and models. */
@Component
record FileRoutes(ViewRoutes view, UploadRoutes upload, ModelRoutes models) {

    RouterFunction<ServerResponse> routes() {
        return view.routes().and(upload.routes()).and(models.routes());
    }
}
