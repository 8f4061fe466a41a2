package dev.comfygateway.storage.asset.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Content given through this service.
 *
 * @param maxBase64Size largest file that is given as base64, which has to be held in memory
 */
@ConfigurationProperties("comfy.storage.content")
record ContentProperties(@DefaultValue("20MB") DataSize maxBase64Size) {}
