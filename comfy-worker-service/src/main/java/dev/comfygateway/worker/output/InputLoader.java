package dev.comfygateway.worker.output;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.execution.AttemptFailedException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

/** Brings the input assets of an attempt to ComfyUI, into a random folder nobody else can name. Blocks. */
@Component
public final class InputLoader {

    private static final int TRIES = 3;

    private final StorageClient storage;
    private final Spool spool;

    public InputLoader(StorageClient storage, Spool spool) {
        this.storage = storage;
        this.spool = spool;
    }

    /** The name of a folder that nobody can guess. */
    public static String randomFolder() {
        return "cg/" + UUID.randomUUID().toString().replace("-", "");
    }

    /**
     * @param folder where to put them, below ComfyUI's input folder
     * @return asset id to the value ComfyUI knows it by
     * @throws AttemptFailedException when an asset cannot be read, or is not what the grant says
     */
    public Map<String, String> load(String ticket, List<InputAsset> inputs, String folder, ComfyClient client)
            throws InterruptedException {
        Map<String, String> names = new LinkedHashMap<>();
        for (InputAsset input : inputs) {
            try (SpooledFile file = fetch(ticket, input)) {
                String name = "input_" + names.size() + extension(input.filename());
                names.put(input.assetId(), upload(file, name, folder, client, input.assetId()));
            }
        }
        return names;
    }

    private static String upload(SpooledFile file, String name, String folder, ComfyClient client, String assetId) {
        try {
            return client.upload(file.resource(name), folder);
        } catch (ComfyAnswerException e) {
            if (e.status() == 413 || e.status() == 400) {
                throw new AttemptFailedException(
                        e.status() == 413 ? ErrorCode.UPLOAD_TOO_LARGE : ErrorCode.VALIDATION_ERROR,
                        FailureCategory.VALIDATION,
                        "ComfyUI does not take input " + assetId + " (status " + e.status() + ")");
            }
            throw e;
        }
    }

    private SpooledFile fetch(String ticket, InputAsset input) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                SpooledFile file = storage.fetch(storage.inputLink(ticket, input.assetId()), spool);
                if (file.sha256().equalsIgnoreCase(input.sha256())) {
                    return file;
                }
                file.close();
                throw new IOException("Other bytes than the grant names");
            } catch (IOException | RestClientException e) {
                if (e instanceof RestClientResponseException answer
                        && answer.getStatusCode().value() == 404) {
                    throw new AttemptFailedException(
                            ErrorCode.ASSET_NOT_FOUND,
                            FailureCategory.VALIDATION,
                            "Input " + input.assetId() + " does not exist any more");
                }
                if (tries >= TRIES) {
                    throw new AttemptFailedException(
                            ErrorCode.STORAGE_READ_ERROR,
                            FailureCategory.STORAGE,
                            "Input " + input.assetId() + " could not be read");
                }
                Thread.sleep(200L * tries);
            }
        }
    }

    private static String extension(String filename) {
        int dot = filename.lastIndexOf('.');
        String extension = dot < 0 ? "" : filename.substring(dot).toLowerCase(Locale.ROOT);
        return extension.matches("\\.[a-z0-9]{1,10}") ? extension : "";
    }
}
