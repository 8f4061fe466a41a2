package dev.comfygateway.worker.execution;

import java.util.regex.Pattern;

/**
 * Tells errors that leave a GPU context broken, so that all that follows in the process fails too, from those of one
 * call. Running out of memory is neither.
 */
final class DeviceErrors {

    private static final Pattern DEVICE = Pattern.compile(
            "(?i)\\b(cuda|hip)( driver| runtime)? error|\\bcuda driver|device-side assert|illegal memory access"
                    + "|unspecified launch failure|\\b(cudnn|cublas|cusolver|cufft|hipblas|rocblas|miopen)_?status"
                    + "|\\b(cudnn|cublas|miopen) error|\\bhipError|\\bHSA_STATUS_ERROR|\\bCUDA_ERROR_");

    /** The call was wrong or is not supported here; the next one may do. */
    private static final Pattern HARMLESS = Pattern.compile("(?i)no kernel image|invalid (configuration )?argument"
            + "|invalid device function|invalid device ordinal|not.?supported|status_(bad_param|invalid_value)"
            + "|arch_mismatch|out of memory|out_of_memory|alloc_failed|no CUDA-capable device|insufficient driver");

    private DeviceErrors() {}

    /** Whether the process that raised it is of no use any more. */
    static boolean breaksTheContext(String message) {
        // What follows the first lines is advice that is the same for all.
        String said = message.lines().limit(3).reduce("", (all, line) -> all + line + "\n");
        return DEVICE.matcher(said).find() && !HARMLESS.matcher(said).find();
    }
}
