package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceErrorsTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be asynchronously reported",
                "CUDA error: device-side assert triggered\nCompile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.",
                "CUDA error: unspecified launch failure",
                "CUDA error: uncorrectable ECC error encountered",
                "CUDA error: unknown error",
                "CUDA driver error: invalid device context",
                "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
                "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle)`",
                "cusolver error: CUSOLVER_STATUS_INTERNAL_ERROR",
                "HIP error: an illegal memory access was encountered",
                "HIP error: hipErrorLaunchFailure",
                "rocBLAS error: ROCBLAS_STATUS_INTERNAL_ERROR",
                "MIOpen Error: miopenStatusInternalError"
            })
    void knowsErrorsAfterWhichAProcessIsOfNoUse(String message) {
        assertThat(DeviceErrors.breaksTheContext(message)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: no kernel image is available for execution on the device",
                "CUDA error: invalid configuration argument",
                "CUDA error: out of memory",
                "CUDA out of memory. Tried to allocate 2.00 GiB",
                "CUDA error: CUBLAS_STATUS_NOT_SUPPORTED when calling `cublasGemmEx`",
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED",
                "Expected all tensors to be on the same device, but found cuda:0 and cpu",
                "'NoneType' object has no attribute 'cuda'",
                "mat1 and mat2 shapes cannot be multiplied"
            })
    void leavesAloneWhatConcernsOneCall(String message) {
        assertThat(DeviceErrors.breaksTheContext(message)).isFalse();
    }
}
