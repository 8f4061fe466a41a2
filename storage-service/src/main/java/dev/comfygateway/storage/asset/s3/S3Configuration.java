package dev.comfygateway.storage.asset.s3;

import io.minio.MinioAsyncClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The client of the store. */
@Configuration(proxyBeanMethods = false)
class S3Configuration {

    @Bean(destroyMethod = "close")
    MinioAsyncClient minioClient(S3Properties properties) {
        return client(properties);
    }

    @Bean
    PresignedUrls presignedUrls(S3Properties properties, Clock clock) {
        return new PresignedUrls(properties, clock);
    }

    static MinioAsyncClient client(S3Properties properties) {
        // OkHttp sends five requests per host at a time unless told otherwise, and here all go to one host.
        Dispatcher dispatcher = new Dispatcher(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("s3-client-", 0).factory()));
        dispatcher.setMaxRequests(256);
        dispatcher.setMaxRequestsPerHost(256);
        OkHttpClient http = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofSeconds(60))
                .writeTimeout(Duration.ofSeconds(60))
                .build();
        return MinioAsyncClient.builder()
                .endpoint(properties.endpoint())
                .region(properties.region())
                .credentials(properties.accessKey(), properties.secretKey())
                .httpClient(http, true)
                .build();
    }
}
