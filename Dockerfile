# One pattern for every service: docker build --build-arg SERVICE=job-service --build-arg PORT=8081 .
# Takes the jar that ./mvnw package left in the service's target folder.

# Exact, because the class cache below works only with the very virtual machine it was trained on. To pin it by digest
# too: --build-arg JRE_IMAGE=eclipse-temurin:25.0.3_9-jre-noble@sha256:...
ARG JRE_IMAGE=eclipse-temurin:25.0.3_9-jre-noble

FROM ${JRE_IMAGE} AS layers
ARG SERVICE
WORKDIR /build
COPY ${SERVICE}/target/${SERVICE}-*-exec.jar service.jar
RUN java -Djarmode=tools -jar service.jar extract --layers --destination layers --application-filename application.jar

FROM ${JRE_IMAGE}
# Numbers, so that Kubernetes can see that it is not root.
RUN groupadd --gid 10001 comfy && useradd --uid 10001 --gid comfy --no-create-home --home-dir /nonexistent comfy
# For the files a worker has between ComfyUI and the store; a volume takes over the owner.
RUN mkdir /spool && chown comfy:comfy /spool
WORKDIR /app
# What changes least comes first: a new build of a service shares the layer of its libraries.
COPY --from=layers /build/layers/dependencies/ ./
COPY --from=layers /build/layers/snapshot-dependencies/ ./
COPY --from=layers /build/layers/application/ ./
COPY docker/java.args docker/health docker/train-class-cache ./
# Loads every class and creates every bean, but starts nothing: no server, store or broker is needed.
RUN ./train-class-cache && rm train-class-cache
# Here and not above: each of them is part of the key of every layer that follows.
ARG SERVICE
ARG PORT
ARG HEALTH_PATH=/actuator/health/readiness
ARG VERSION=development
ARG GIT_COMMIT=""
ENV PORT=${PORT} HEALTH_PATH=${HEALTH_PATH} GIT_COMMIT=${GIT_COMMIT}
LABEL org.opencontainers.image.title="ComfyUI Gateway: ${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${GIT_COMMIT}"
USER 10001:10001
EXPOSE ${PORT}
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 CMD ["./health"]
ENTRYPOINT ["java", "@java.args", "-XX:AOTCache=service.aot", "-jar", "application.jar"]
