package dev.comfygateway.webhook.signing;

/** Signers for tests. */
public final class TestSigners {

    private TestSigners() {}

    public static WebhookSigner unsigned() {
        return new WebhookSigner(new SigningProperties(""));
    }
}
