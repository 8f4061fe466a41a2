package dev.comfygateway.storage.link.web;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.FindAsset;
import dev.comfygateway.storage.link.CreateLinks;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** What other services ask about assets of a tenant. */
@RestController
@RequestMapping("/internal")
class LinkController {

    private final CreateLinks links;
    private final FindAsset find;

    LinkController(CreateLinks links, FindAsset find) {
        this.links = links;
        this.find = find;
    }

    @PostMapping("/links")
    Mono<LinkAnswer> links(Caller caller, @RequestBody LinkRequest request) {
        onlyServices(caller);
        return links.handle(request);
    }

    @GetMapping("/assets")
    Mono<AssetList> assets(Caller caller, @RequestParam String tenant, @RequestParam List<String> ids) {
        onlyServices(caller);
        return find.ofTenant(tenant, ids)
                .map(found -> new AssetList(found.stream().map(Asset::info).toList()));
    }

    private static void onlyServices(Caller caller) {
        if (caller.role() != Role.SERVICE) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only for services");
        }
    }
}
