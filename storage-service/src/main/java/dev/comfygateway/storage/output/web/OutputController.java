package dev.comfygateway.storage.output.web;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.storage.link.CreateLinks;
import dev.comfygateway.storage.link.Link;
import dev.comfygateway.storage.output.AnnounceOutputs;
import dev.comfygateway.storage.output.CompleteOutputs;
import dev.comfygateway.storage.output.Ticket;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** What a worker calls with the ticket of an attempt. */
@RestController
@RequestMapping("/internal")
class OutputController {

    private final AnnounceOutputs announce;
    private final CompleteOutputs complete;
    private final CreateLinks links;

    OutputController(AnnounceOutputs announce, CompleteOutputs complete, CreateLinks links) {
        this.announce = announce;
        this.complete = complete;
        this.links = links;
    }

    @PostMapping("/uploads")
    Mono<UploadAnswer> announce(Caller caller, @RequestBody UploadRequest request) {
        return announce.handle(Ticket.of(caller), request);
    }

    @PostMapping("/uploads/complete")
    Mono<AssetList> complete(Caller caller, @RequestBody UploadCompletion completion) {
        return complete.handle(Ticket.of(caller), completion);
    }

    @GetMapping("/ticket-assets/{assetId}/link")
    Mono<Link> input(Caller caller, @PathVariable String assetId) {
        return links.internal(Ticket.of(caller).tenant(), assetId);
    }
}
