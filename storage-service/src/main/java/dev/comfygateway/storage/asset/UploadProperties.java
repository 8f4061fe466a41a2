package dev.comfygateway.storage.asset;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Client uploads.
 *
 * @param maxSize largest file that is taken
 */
@ConfigurationProperties("comfy.storage.upload")
record UploadProperties(@DefaultValue("100MB") DataSize maxSize) {}
