package dev.comfygateway.storage.asset.web;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * An asset with its bytes.
 *
 * @param filename name for people
 * @param contentType media type found from the bytes
 * @param size length of the bytes, not of the text
 * @param data base64
 */
@JsonPropertyOrder({"filename", "contentType", "size", "data"})
record Base64View(String filename, String contentType, long size, String data) {}
