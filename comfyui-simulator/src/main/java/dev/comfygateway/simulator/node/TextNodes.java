package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.PyText;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Literal;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** The nodes that deal with texts and numbers. */
@Component
final class TextNodes {

    Map<String, NodeRunner> runners() {
        return Map.of(
                "PrimitiveString", TextNodes::value,
                "PrimitiveStringMultiline", TextNodes::value,
                "StringConcatenate", TextNodes::concatenate,
                "GetImageSize", TextNodes::size,
                "PreviewAny", TextNodes::preview);
    }

    private static NodeOutcome value(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(new Literal(call.literal("value")));
    }

    private static NodeOutcome concatenate(NodeCall call) throws NodeFailure {
        String text = String.join(call.text("delimiter"), call.text("string_a"), call.text("string_b"));
        return NodeOutcome.of(new Literal(StringNode.valueOf(text)));
    }

    private static NodeOutcome size(NodeCall call) throws NodeFailure {
        Images images = call.images("image");
        int count = images.images().size();
        call.progress().text("width: " + images.width() + ", height: " + images.height() + "\n batch size: " + count);
        return NodeOutcome.of(number(images.width()), number(images.height()), number(count));
    }

    private static Literal number(int number) {
        return new Literal(IntNode.valueOf(number));
    }

    /** Everything has a text; what is no plain value prints as the tensor it would be. */
    private static NodeOutcome preview(NodeCall call) throws NodeFailure {
        NodeValue linked = call.links().get("source");
        String text =
                linked == null || linked instanceof Literal ? PyText.str(call.literal("source")) : "tensor([...])";
        ObjectNode ui = Json.object();
        ui.putArray("text").add(text);
        return new NodeOutcome(List.of(), ui);
    }
}
