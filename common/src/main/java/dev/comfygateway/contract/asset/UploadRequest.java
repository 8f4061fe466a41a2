package dev.comfygateway.contract.asset;

import java.util.List;

/**
 * A worker announces the outputs of its attempt; the ticket it comes with says which attempt that is.
 *
 * @param files outputs, each already spooled and hashed
 */
public record UploadRequest(List<UploadFile> files) {

    public UploadRequest {
        files = List.copyOf(files);
    }

    /**
     * One output.
     *
     * @param index position among the attempt's outputs, from 0
     * @param filename name for people; the object key uses a cleaned form
     * @param contentType media type found from the bytes
     * @param size length in bytes, at least 1
     * @param sha256 lower-case hex
     */
    public record UploadFile(int index, String filename, String contentType, long size, String sha256) {}
}
