package dev.comfygateway.gateway.route;

import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Which service answers which path. Route ids are the services' names as clients see them in problems. */
@Configuration(proxyBeanMethods = false)
class RouteConfiguration {

    @Bean
    RouteLocator routes(RouteLocatorBuilder builder, ServiceProperties services) {
        return builder.routes()
                // Before the jobs: the webhooks of a job are webhook-service's.
                .route(
                        "webhook",
                        route -> route.path("/v1/jobs/*/webhooks", "/v1/webhooks", "/v1/webhooks/**")
                                .uri(services.webhookUrl()))
                .route(
                        "job",
                        route -> route.path(
                                        "/v1/jobs",
                                        "/v1/jobs/**",
                                        "/v1/jobs:validate",
                                        "/v1/workflows",
                                        "/v1/workflows/**",
                                        "/v1/dead-letters",
                                        "/v1/dead-letters/**",
                                        "/v1/pauses",
                                        "/v1/workers",
                                        "/v1/workers/**",
                                        "/v1/pools",
                                        "/v1/pools/**",
                                        "/v1/tenants",
                                        "/v1/tenants/**")
                                .uri(services.jobUrl()))
                .route(
                        "storage",
                        route -> route.path("/v1/assets", "/v1/assets/**").uri(services.storageUrl()))
                .build();
    }
}
