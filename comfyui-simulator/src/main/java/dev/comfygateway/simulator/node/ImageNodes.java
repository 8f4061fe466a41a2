package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Mask;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.springframework.stereotype.Component;

/** The nodes that make and change pictures. */
@Component
final class ImageNodes {

    private final Folders folders;
    private final long maxPixels;
    private final boolean old;

    ImageNodes(Folders folders, SimulatorProperties properties) {
        this.folders = folders;
        this.old = properties.dialect().isOld();
        this.maxPixels = properties.maxPixels();
        // Uploads are small and already on disk; a second file as a cache only costs time.
        ImageIO.setUseCache(false);
    }

    Map<String, NodeRunner> runners() {
        return Map.of(
                "EmptyImage", this::emptyImage,
                "LoadImage", this::loadImage,
                "ImageScale", this::scale,
                "ImageScaleBy", this::scaleBy,
                "ImageInvert", this::invert,
                "ImageBatch", this::batch,
                "SolidMask", this::solidMask);
    }

    private NodeOutcome emptyImage(NodeCall call) throws NodeFailure {
        int width = call.integer("width");
        int height = call.integer("height");
        int batch = call.integer("batch_size");
        requireMemory(width, height, batch);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Arrays.fill(pixels(image), call.integer("color"));
        return NodeOutcome.of(new Images(Collections.nCopies(batch, image)));
    }

    private NodeOutcome loadImage(NodeCall call) throws NodeFailure, IOException {
        Path file = folders.annotated(call.text("image"));
        if (file == null) {
            throw new NodeFailure(
                    "FileNotFoundError", "[Errno 2] No such file or directory: '" + call.text("image") + "'");
        }
        BufferedImage loaded = ImageIO.read(file.toFile());
        if (loaded == null && old) {
            throw new NodeFailure(
                    "PIL.UnidentifiedImageError",
                    "cannot identify image file '/opt/comfyui/input/" + file.getFileName() + "'");
        }
        if (loaded == null) {
            throw new NodeFailure(
                    "av.error.InvalidDataError",
                    "[Errno 1094995529] Invalid data found when processing input: '/opt/comfyui/input/"
                            + file.getFileName() + "'");
        }
        requireMemory(loaded.getWidth(), loaded.getHeight(), 1);
        BufferedImage image = new BufferedImage(loaded.getWidth(), loaded.getHeight(), BufferedImage.TYPE_INT_RGB);
        boolean alpha = loaded.getColorModel().hasAlpha();
        BufferedImage mask = alpha
                ? new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB)
                : blackMask();
        int[] colours = pixels(image);
        int[] row = new int[image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            loaded.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int x = 0; x < row.length; x++) {
                // Alpha is taken off, not blended: that is how a picture and its mask stay independent.
                colours[y * row.length + x] = row[x] & 0xFFFFFF;
                if (alpha) {
                    pixels(mask)[y * row.length + x] = (255 - (row[x] >>> 24)) * 0x010101;
                }
            }
        }
        return NodeOutcome.of(new Images(List.of(image)), new Mask(mask));
    }

    private NodeOutcome scale(NodeCall call) throws NodeFailure {
        Images images = call.images("image");
        int width = call.integer("width");
        int height = call.integer("height");
        if (width == 0 && height == 0) {
            return NodeOutcome.of(images);
        }
        if (width == 0) {
            width = Math.max(1, (int) Math.round((double) images.width() * height / images.height()));
        } else if (height == 0) {
            height = Math.max(1, (int) Math.round((double) images.height() * width / images.width()));
        }
        boolean centre = call.text("crop").equals("center");
        return NodeOutcome.of(scaled(images, width, height, call.text("upscale_method"), centre));
    }

    private NodeOutcome scaleBy(NodeCall call) throws NodeFailure {
        Images images = call.images("image");
        double factor = call.decimal("scale_by");
        int width = Math.max(1, (int) Math.round(images.width() * factor));
        int height = Math.max(1, (int) Math.round(images.height() * factor));
        return NodeOutcome.of(scaled(images, width, height, call.text("upscale_method"), false));
    }

    private NodeOutcome invert(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(new Images(
                call.images("image").images().stream().map(ImageNodes::inverted).toList()));
    }

    static BufferedImage inverted(BufferedImage image) {
        BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        int[] from = pixels(image);
        int[] to = pixels(copy);
        for (int i = 0; i < from.length; i++) {
            to[i] = ~from[i] & 0xFFFFFF;
        }
        return copy;
    }

    private NodeOutcome batch(NodeCall call) throws NodeFailure {
        Images first = call.images("image1");
        Images second = call.images("image2");
        List<BufferedImage> all = new ArrayList<>(first.images());
        boolean same = first.width() == second.width() && first.height() == second.height();
        all.addAll((same ? second : scaled(second, first.width(), first.height(), "bilinear", true)).images());
        return NodeOutcome.of(new Images(all));
    }

    private NodeOutcome solidMask(NodeCall call) throws NodeFailure {
        requireMemory(call.integer("width"), call.integer("height"), 1);
        BufferedImage mask =
                new BufferedImage(call.integer("width"), call.integer("height"), BufferedImage.TYPE_INT_RGB);
        Arrays.fill(pixels(mask), (int) Math.round(255 * call.decimal("value")) * 0x010101);
        return NodeOutcome.of(new Mask(mask));
    }

    Images scaled(Images images, int width, int height, String method, boolean centre) throws NodeFailure {
        requireMemory(width, height, images.images().size());
        int cropX = 0;
        int cropY = 0;
        if (centre) {
            double wanted = (double) width / height;
            double given = (double) images.width() / images.height();
            cropX = given > wanted ? (int) Math.round((images.width() - images.height() * wanted) / 2) : 0;
            cropY = given < wanted ? (int) Math.round((images.height() - images.width() / wanted) / 2) : 0;
        }
        Object hint = switch (method) {
            case "nearest-exact" -> RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR;
            case "bicubic", "lanczos" -> RenderingHints.VALUE_INTERPOLATION_BICUBIC;
            default -> RenderingHints.VALUE_INTERPOLATION_BILINEAR;
        };
        List<BufferedImage> result = new ArrayList<>();
        for (BufferedImage image : images.images()) {
            BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = target.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, hint);
            int right = image.getWidth() - cropX;
            int bottom = image.getHeight() - cropY;
            graphics.drawImage(image, 0, 0, width, height, cropX, cropY, right, bottom, null);
            graphics.dispose();
            result.add(target);
        }
        return new Images(result);
    }

    void requireMemory(long width, long height, long batch) throws NodeFailure {
        if (width * height * batch > maxPixels) {
            throw new NodeFailure(
                    "RuntimeError",
                    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you"
                            + " tried to allocate " + width * height * batch * 12
                            + " bytes. Error code 12 (Cannot allocate memory)");
        }
    }

    private static BufferedImage blackMask() {
        return new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    }

    private static int[] pixels(BufferedImage image) {
        return ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    }
}
