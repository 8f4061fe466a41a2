package dev.comfygateway.storage.asset.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.DeleteAsset;
import dev.comfygateway.storage.asset.FindAsset;
import dev.comfygateway.storage.asset.ReadContent;
import dev.comfygateway.storage.asset.StoreUpload;
import dev.comfygateway.storage.link.CreateLinks;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.multipart.FilePartEvent;
import org.springframework.http.codec.multipart.PartEvent;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Assets for clients. */
@RestController
@RequestMapping("/v1/assets")
class AssetController {

    private static final String UNNAMED = "upload";

    private final StoreUpload store;
    private final FindAsset find;
    private final DeleteAsset delete;
    private final ReadContent read;
    private final CreateLinks links;
    private final ContentWriter writer;
    private final long base64Limit;

    AssetController(
            StoreUpload store,
            FindAsset find,
            DeleteAsset delete,
            ReadContent read,
            CreateLinks links,
            ContentWriter writer,
            ContentProperties properties) {
        this.store = store;
        this.find = find;
        this.delete = delete;
        this.read = read;
        this.links = links;
        this.writer = writer;
        this.base64Limit = properties.maxBase64Size().toBytes();
    }

    @PostMapping
    Mono<ResponseEntity<AssetView>> upload(
            Caller caller,
            @RequestHeader(name = "X-Filename", required = false) @Nullable String filename,
            ServerWebExchange exchange) {
        onlyClients(caller);
        ServerHttpRequest request = exchange.getRequest();
        return store.handle(
                        caller.tenant(),
                        headerText(filename),
                        request.getHeaders().getContentLength(),
                        request.getBody())
                .doOnError(error -> closeAfter(exchange, error))
                .map(this::created);
    }

    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    Mono<ResponseEntity<AssetView>> uploadForm(
            Caller caller, @RequestBody Flux<PartEvent> events, ServerWebExchange exchange) {
        onlyClients(caller);
        AtomicBoolean taken = new AtomicBoolean();
        return events.windowUntil(PartEvent::isLast)
                .concatMap(part -> part.switchOnFirst((first, all) -> {
                    PartEvent event = first.get();
                    return event != null && event.name().equals("file") && taken.compareAndSet(false, true)
                            ? store.handle(caller.tenant(), filename(event), -1, all.map(PartEvent::content))
                            : all.doOnNext(other -> DataBufferUtils.release(other.content()))
                                    .then(Mono.<Asset>empty());
                }))
                .last()
                .onErrorMap(java.util.NoSuchElementException.class, error -> missingPart())
                .doOnError(error -> closeAfter(exchange, error))
                .map(this::created);
    }

    @GetMapping("/{id}")
    Mono<AssetView> asset(Caller caller, @PathVariable String id) {
        onlyClients(caller);
        return find.handle(caller, id).map(this::view);
    }

    @GetMapping("/{id}/content")
    Mono<Void> content(Caller caller, @PathVariable String id, ServerWebExchange exchange) {
        onlyClients(caller);
        return find.handle(caller, id).flatMap(asset -> writer.write(asset, exchange));
    }

    @GetMapping(path = "/{id}/content", params = "format=base64")
    Mono<Base64View> base64(Caller caller, @PathVariable String id) {
        onlyClients(caller);
        return find.handle(caller, id)
                .flatMap(asset -> read.whole(asset, base64Limit)
                        .map(bytes -> new Base64View(
                                asset.filename(),
                                asset.contentType(),
                                asset.size(),
                                Base64.getEncoder().encodeToString(bytes))));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    Mono<Void> delete(Caller caller, @PathVariable String id) {
        onlyClients(caller);
        return delete.handle(caller, id);
    }

    private ResponseEntity<AssetView> created(Asset asset) {
        return ResponseEntity.created(URI.create("/v1/assets/" + asset.id())).body(view(asset));
    }

    private AssetView view(Asset asset) {
        return AssetView.of(asset, links.publicUrl(asset));
    }

    private static String filename(PartEvent event) {
        return event instanceof FilePartEvent file && StringUtils.hasText(file.filename()) ? file.filename() : UNNAMED;
    }

    /** Header values are Latin-1 on the wire; clients send names as UTF-8, plain or percent-encoded. */
    private static String headerText(@Nullable String value) {
        if (value == null || value.isBlank()) {
            return UNNAMED;
        }
        String text = value;
        if (value.chars().allMatch(c -> c < 256)) {
            try {
                text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
                        .toString();
            } catch (CharacterCodingException e) {
                text = value;
            }
        }
        try {
            return StringUtils.uriDecode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** Part of the body may be unread, so nothing else can be sent on this connection. */
    private static void closeAfter(ServerWebExchange exchange, Throwable error) {
        if (error instanceof ProblemException problem && problem.code() == ErrorCode.UPLOAD_TOO_LARGE) {
            exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        }
    }

    private static void onlyClients(Caller caller) {
        if (caller.role() != Role.USER && caller.role() != Role.ADMIN) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only for clients");
        }
    }

    private static ProblemException missingPart() {
        return new ProblemException(
                ErrorCode.VALIDATION_ERROR,
                "The form needs a part named file",
                List.of(new FieldError("/file", "is required")));
    }
}
