package dev.comfygateway.storage;

import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import java.io.ByteArrayInputStream;

/** Writes past the service, as an administrator of the store could. */
final class S3Admin {

    private S3Admin() {}

    static void put(String endpoint, String key, byte[] bytes) throws Exception {
        MinioClient client = MinioClient.builder()
                .endpoint(endpoint)
                .credentials(S3Process.ACCESS_KEY, S3Process.SECRET_KEY)
                .build();
        try {
            client.putObject(PutObjectArgs.builder().bucket(S3Process.BUCKET).object(key).stream(
                            new ByteArrayInputStream(bytes), (long) bytes.length, -1L)
                    .build());
        } finally {
            client.close();
        }
    }
}
