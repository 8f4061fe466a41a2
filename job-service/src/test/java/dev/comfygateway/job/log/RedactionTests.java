package dev.comfygateway.job.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTests {

    private static final String PROMPT = "a fox in the snow, 35 mm\nnegative: blurry hands of my neighbour Anna";

    private final Redaction redaction = new Redaction(Map.of(
            "1",
            Map.of("class_type", "CLIPTextEncode", "inputs", Map.of("text", PROMPT, "clip", List.of("2", 1))),
            "2",
            Map.of(
                    "class_type",
                    "Loader",
                    "inputs",
                    Map.of("ckpt_name", "secret-model.safetensors", "kind", "euler"))));

    @ParameterizedTest
    @Proves("S0-12")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    Cannot read https://user:pw@host.example/a?X-Amz-Signature=1 now          | Cannot read <address> now
                    GET http://10.0.0.7:8188/view failed                                     | GET <address> failed
                    No route to 10.0.0.7:8188                                                | No route to <address>
                    No route to comfy-0.internal:8188                                        | No route to <address>
                    Connection refused: localhost/127.0.0.1:8188                             | Connection refused: <address>/<address>
                    No such file: /root/ComfyUI/models/x.pt                                  | No such file: <path>
                    No such file: ~/models/x.pt                                              | No such file: <path>
                    No such file: ../../etc/shadow                                           | No such file: <path>
                    No such file: /etc                                                       | No such file: <path>
                    No such file: C:\\Users\\me\\x.pt                                        | No such file: <path>
                    No such file: \\\\share\\x                                               | No such file: <path>
                    No such file: models/checkpoints/x.pt                                    | No such file: <path>
                    Authorization: Bearer abcdef refused                                     | Authorization <secret> refused
                    api_key=abcdef123 refused                                                | api_key <secret> refused
                    WEBHOOK_SECRET: hunter2 refused                                          | WEBHOOK_SECRET <secret> refused
                    got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc-def                         | got <secret>
                    got 0123456789abcdef0123456789abcdef                                     | got <secret>
                    mail to someone@example.com                                              | mail to <address>
                    """)
    void takesOutAddressesPathsAndSecrets(String message, String shown) {
        assertThat(redaction.message(message)).isEqualTo(shown);
    }

    @ParameterizedTest
    @Proves("S0-12")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    cannot encode: a fox in the snow, 35 mm                                  | cannot encode: <value>
                    cannot encode a fox in the sn                                            | cannot encode <value>
                    cannot encode negative: blurry hands of my neighbour Anna!               | cannot encode <value>!
                    unknown token 'neighbour'                                                | unknown token '<value>'
                    Value not in list: "euler" is not one of 3                               | Value not in list: "<value>" is not one of 3
                    secret-model.safetensors is corrupt                                      | <value> is corrupt
                    """)
    void takesOutWhatTheJobWasMadeOf(String message, String shown) {
        assertThat(redaction.message(message)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ComfyUI ran out of memory in KSampler",
                "The size of tensor a (64) must match the size of tensor b (32) at dimension 3",
                "KeyError: 'clip'",
                "The worker did not renew its lease",
                "Workers were lost 2 times while they had this job",
                "Return type mismatch between linked nodes: images, LATENT != IMAGE",
                "width must be 16 and/or 32"
            })
    void leavesPlainErrorsAlone(String message) {
        assertThat(redaction.message(message)).isEqualTo(message);
    }

    @Test
    void cutsLongMessagesAndControlCharacters() {
        assertThat(redaction.message("x y ".repeat(1000))).hasSizeLessThanOrEqualTo(501);
        assertThat(redaction.message("one\r\n\u001b[31mtwo")).isEqualTo("one [31mtwo");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3",
                "57:8",
                "1:2:3:4",
                "KSampler (Efficient)",
                "SAM2VideoSegmentationAddPoints",
                "easy fullLoader",
                "🔧 Image Resize",
                "LayerUtility: ImageBlend V2",
                "Image/Resize"
            })
    void leavesNamesOfNodesAlone(String name) {
        assertThat(redaction.label(name)).isEqualTo(name);
    }

    @Test
    void knowsOtherThingsThatStandInAPlaceOfAName() {
        assertThat(redaction.label("https://user:pw@host/x")).isEqualTo("<address>");
        assertThat(redaction.label("/etc/passwd")).isEqualTo("<path>");
        assertThat(redaction.label("n".repeat(5000))).hasSize(101);
    }
}
