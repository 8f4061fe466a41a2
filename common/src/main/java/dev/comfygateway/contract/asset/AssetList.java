package dev.comfygateway.contract.asset;

import java.util.List;

/**
 * Assets, for example those a completion has verified.
 *
 * @param assets in the order they were asked for
 */
public record AssetList(List<AssetInfo> assets) {
    public AssetList {
        assets = List.copyOf(assets);
    }
}
