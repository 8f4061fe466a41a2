package dev.comfygateway.simulator.node;

import java.awt.image.BufferedImage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What travels along a link. Values are never changed after they were made, so they may be shared and cached. */
public sealed interface NodeValue {

    /** The memory it takes, in bytes, roughly. */
    default long weight() {
        return 100;
    }

    /**
     * A batch of images of one size.
     *
     * @param images at least one
     */
    record Images(List<BufferedImage> images) implements NodeValue {
        /** Copies the list. */
        public Images {
            images = List.copyOf(images);
        }

        @Override
        public long weight() {
            return 4L * images.size() * width() * height();
        }

        int width() {
            return images.getFirst().getWidth();
        }

        int height() {
            return images.getFirst().getHeight();
        }
    }

    /**
     * A mask.
     *
     * @param grey black where nothing is masked
     */
    record Mask(BufferedImage grey) implements NodeValue {
        @Override
        public long weight() {
            return 4L * grey.getWidth() * grey.getHeight();
        }
    }

    /**
     * A checkpoint's part.
     *
     * @param checkpoint the file's name
     */
    record Weights(String checkpoint) implements NodeValue {}

    /**
     * An encoded text.
     *
     * @param text the text
     */
    record Conditioning(String text) implements NodeValue {}

    /**
     * A latent picture: its size, and what a decoder would see in it.
     *
     * @param width width of the decoded picture
     * @param height height of the decoded picture
     * @param batch how many pictures
     * @param scene what they show
     */
    record Latent(int width, int height, int batch, Scene scene) implements NodeValue {}

    /**
     * A video.
     *
     * @param frames its pictures
     * @param rate pictures a second
     */
    record Video(Images frames, double rate) implements NodeValue {
        @Override
        public long weight() {
            return frames.weight();
        }
    }

    /**
     * Silence.
     *
     * @param rate samples a second
     * @param channels one or two
     * @param samples how many of each channel
     */
    record Audio(int rate, int channels, long samples) implements NodeValue {}

    /**
     * A body in space, which is always a triangle.
     *
     * @param height how high its tip is
     */
    record Mesh(float height) implements NodeValue {}

    /**
     * What keeps the nodes below from running.
     *
     * @param message why, told by the first node that is kept from running; null further below
     */
    record Blocked(@Nullable String message) implements NodeValue {}
}
