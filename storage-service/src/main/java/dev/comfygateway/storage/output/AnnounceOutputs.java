package dev.comfygateway.storage.output;

import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.contract.asset.UploadRequest.UploadFile;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.id.Ids;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.AssetKind;
import dev.comfygateway.storage.asset.AssetRepository;
import dev.comfygateway.storage.asset.AssetState;
import dev.comfygateway.storage.asset.Filenames;
import dev.comfygateway.storage.asset.ObjectKeys;
import dev.comfygateway.storage.asset.ObjectStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Service;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Gives an attempt one presigned PUT per output, good for exactly the announced bytes.
 *
 * <p>Announcing again is harmless: a position of an attempt stays the same asset, and a fresh URL is given. Where the
 * bytes are there already the store answers that PUT with 412, and the attempt goes on to complete.
 */
@Service
public class AnnounceOutputs {

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Duration VALIDITY = Duration.ofMinutes(5);
    /** What S3 takes in a single PUT. */
    private static final long MAX_SIZE = 5L * 1024 * 1024 * 1024;

    private static final int MAX_FILES = 1000;

    private final AssetRepository assets;
    private final ObjectStore store;
    private final Clock clock;

    AnnounceOutputs(AssetRepository assets, ObjectStore store, Clock clock) {
        this.assets = assets;
        this.store = store;
        this.clock = clock;
    }

    /** The targets in the order of the files; a problem when a file cannot be, or the job ended without this attempt. */
    public Mono<UploadAnswer> handle(Ticket ticket, UploadRequest request) {
        List<FieldError> errors = findings(request.files());
        if (!errors.isEmpty()) {
            return Mono.error(new ProblemException(ErrorCode.VALIDATION_ERROR, "An output cannot be stored", errors));
        }
        return ticket.stillWanted(assets)
                .thenMany(Flux.fromIterable(request.files()).concatMap(file -> announce(ticket, file)))
                .collectList()
                .map(UploadAnswer::new);
    }

    private Mono<UploadTarget> announce(Ticket ticket, UploadFile file) {
        String name = Filenames.clean(file.filename());
        Asset asset = new Asset(
                Ids.newAssetId(),
                ticket.tenant(),
                AssetKind.OUTPUT,
                new Asset.OutputSource(ticket.jobId(), ticket.attemptId(), file.index()),
                name,
                ObjectKeys.output(ticket.jobId(), ticket.attemptId(), file.index(), name),
                file.contentType(),
                file.size(),
                file.sha256(),
                AssetState.PENDING,
                clock.instant());
        return assets.announce(asset).map(recorded -> target(ticket, file, recorded));
    }

    private UploadTarget target(Ticket ticket, UploadFile file, Asset recorded) {
        if (!recorded.isOutputOf(ticket.jobId(), ticket.attemptId()) || recorded.state() == AssetState.DISCARDED) {
            throw Ticket.notWanted();
        }
        if (recorded.size() != file.size() || !recorded.sha256().equals(file.sha256())) {
            throw new ProblemException(
                    ErrorCode.VALIDATION_ERROR,
                    "Output " + file.index() + " of this attempt is stored already, with other bytes");
        }
        ObjectStore.PresignedPut put = store.presignPut(
                recorded.objectKey(), recorded.contentType(), recorded.size(), recorded.sha256(), VALIDITY);
        return new UploadTarget(file.index(), recorded.id(), put.url(), put.headers());
    }

    private static List<FieldError> findings(List<UploadFile> files) {
        List<FieldError> errors = new ArrayList<>();
        if (files.isEmpty() || files.size() > MAX_FILES) {
            errors.add(new FieldError("/files", "must have 1 to " + MAX_FILES + " entries"));
        }
        if (files.stream().map(UploadFile::index).distinct().count() != files.size()) {
            errors.add(new FieldError("/files", "must not name an index twice"));
        }
        for (int i = 0; i < files.size(); i++) {
            UploadFile file = files.get(i);
            String pointer = "/files/" + i;
            if (file.index() < 0) {
                errors.add(new FieldError(pointer + "/index", "must not be negative"));
            }
            if (file.size() < 1 || file.size() > MAX_SIZE) {
                errors.add(new FieldError(pointer + "/size", "must be between 1 and " + MAX_SIZE));
            }
            if (!SHA256.matcher(file.sha256()).matches()) {
                errors.add(new FieldError(pointer + "/sha256", "must be 64 lower-case hex digits"));
            }
            try {
                MimeTypeUtils.parseMimeType(file.contentType());
            } catch (InvalidMimeTypeException e) {
                errors.add(new FieldError(pointer + "/contentType", "must be a media type"));
            }
        }
        return errors;
    }
}
