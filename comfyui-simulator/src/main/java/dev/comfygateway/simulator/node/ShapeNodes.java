package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Mask;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The nodes that cut, frame, select and send pictures. */
@Component
final class ShapeNodes {

    private final ImageNodes images;

    ShapeNodes(ImageNodes images) {
        this.images = images;
    }

    Map<String, NodeRunner> runners() {
        return Map.of(
                "ImageCrop", ShapeNodes::crop,
                "ImagePadForOutpaint", this::pad,
                "RepeatImageBatch", this::repeat,
                "ImageFromBatch", ShapeNodes::select,
                "BatchImagesNode", this::join,
                "InvertMask", ShapeNodes::invert,
                "MaskToImage", ShapeNodes::toImage,
                "SaveImageWebsocket", ShapeNodes::send);
    }

    private static NodeOutcome crop(NodeCall call) throws NodeFailure {
        Images given = call.images("image");
        // A corner outside is moved to the last pixel, and what does not fit is cut off.
        int x = Math.min(call.integer("x"), given.width() - 1);
        int y = Math.min(call.integer("y"), given.height() - 1);
        int width = Math.min(call.integer("width"), given.width() - x);
        int height = Math.min(call.integer("height"), given.height() - y);
        List<BufferedImage> result = new ArrayList<>();
        for (BufferedImage image : given.images()) {
            result.add(drawn(image, width, height, -x, -y, Color.BLACK));
        }
        return NodeOutcome.of(new Images(result));
    }

    private NodeOutcome pad(NodeCall call) throws NodeFailure {
        Images given = call.images("image");
        int left = call.integer("left");
        int top = call.integer("top");
        int width = given.width() + left + call.integer("right");
        int height = given.height() + top + call.integer("bottom");
        images.requireMemory(width, height, given.images().size());
        List<BufferedImage> result = new ArrayList<>();
        for (BufferedImage image : given.images()) {
            result.add(drawn(image, width, height, left, top, Color.GRAY));
        }
        BufferedImage inside = new BufferedImage(given.width(), given.height(), BufferedImage.TYPE_INT_RGB);
        Mask mask = new Mask(drawn(inside, width, height, left, top, Color.WHITE));
        return NodeOutcome.of(new Images(result), mask);
    }

    private NodeOutcome repeat(NodeCall call) throws NodeFailure {
        Images given = call.images("image");
        int amount = call.integer("amount");
        images.requireMemory(
                given.width(), given.height(), (long) given.images().size() * amount);
        List<BufferedImage> result = new ArrayList<>();
        Collections.nCopies(amount, given.images()).forEach(result::addAll);
        return NodeOutcome.of(new Images(result));
    }

    private static NodeOutcome select(NodeCall call) throws NodeFailure {
        List<BufferedImage> given = call.images("image").images();
        int from = Math.min(call.integer("batch_index"), given.size() - 1);
        int to = Math.min(from + call.integer("length"), given.size());
        return NodeOutcome.of(new Images(given.subList(from, to)));
    }

    /** Later pictures take the size of the first. */
    private NodeOutcome join(NodeCall call) throws NodeFailure {
        List<BufferedImage> all = new ArrayList<>();
        for (int i = 0; call.links().containsKey("images.image" + i); i++) {
            Images given = call.images("images.image" + i);
            BufferedImage first = all.isEmpty() ? given.images().getFirst() : all.getFirst();
            boolean fits = given.width() == first.getWidth() && given.height() == first.getHeight();
            all.addAll((fits ? given : images.scaled(given, first.getWidth(), first.getHeight(), "bilinear", true))
                    .images());
        }
        return NodeOutcome.of(new Images(all));
    }

    private static NodeOutcome invert(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(
                new Mask(ImageNodes.inverted(call.link("mask", Mask.class).grey())));
    }

    private static NodeOutcome toImage(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(new Images(List.of(call.link("mask", Mask.class).grey())));
    }

    /** The pictures go through the socket and nowhere else. */
    private static NodeOutcome send(NodeCall call) throws NodeFailure, Interrupted {
        List<BufferedImage> pictures = call.images("images").images();
        for (int i = 0; i < pictures.size(); i++) {
            call.progress().picture(i, pictures.size(), pictures.get(i));
        }
        return NodeOutcome.of();
    }

    private static BufferedImage drawn(BufferedImage image, int width, int height, int x, int y, Color ground) {
        BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = result.createGraphics();
        graphics.setColor(ground);
        graphics.fillRect(0, 0, width, height);
        graphics.drawImage(image, x, y, null);
        graphics.dispose();
        return result;
    }
}
