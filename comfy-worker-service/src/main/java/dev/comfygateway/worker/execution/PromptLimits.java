package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The time limits of an attempt; each has an error code of its own. A limit of 0 is none. */
final class PromptLimits {

    /** One that is over. */
    record Exceeded(ErrorCode code, String message) {

        /** @param elsewhere whether the prompt only waited behind others, so that another server may be free */
        AttemptFailedException failure(boolean elsewhere) {
            return new AttemptFailedException(
                    code, elsewhere ? FailureCategory.BACKEND_LOST : FailureCategory.TIMEOUT, message);
        }
    }

    private final Grant.Limits limits;
    private final long grantedAt;

    PromptLimits(Attempt attempt) {
        this.limits = attempt.grant().limits();
        this.grantedAt = attempt.grantedAt();
    }

    /** From the grant to the end. */
    @Nullable
    Exceeded total(long now) {
        return isOver(grantedAt, now, limits.totalSeconds())
                ? new Exceeded(
                        ErrorCode.COMFYUI_TIMEOUT, "ComfyUI did not finish within " + limits.totalSeconds() + " s")
                : null;
    }

    /** From the answer to the prompt to its start. */
    @Nullable
    Exceeded start(long sent, long now) {
        return isOver(sent, now, limits.startSeconds())
                ? new Exceeded(
                        ErrorCode.COMFYUI_START_TIMEOUT,
                        "ComfyUI did not start the prompt within " + limits.startSeconds() + " s")
                : null;
    }

    /** Without any word about the prompt. */
    @Nullable
    Exceeded progress(long lastSaid, long now) {
        return isOver(lastSaid, now, limits.noProgressSeconds())
                ? new Exceeded(
                        ErrorCode.COMFYUI_NO_PROGRESS,
                        "ComfyUI said nothing about the prompt for " + limits.noProgressSeconds() + " s")
                : null;
    }

    private static boolean isOver(long since, long now, int seconds) {
        return seconds > 0 && now - since > TimeUnit.SECONDS.toNanos(seconds);
    }
}
