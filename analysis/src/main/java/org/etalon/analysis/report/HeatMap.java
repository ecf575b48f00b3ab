package org.etalon.analysis.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * Values on a grid as colours: dark violet for the lowest, yellow for the highest, evenly perceived
 * and readable without colour vision.
 */
final class HeatMap {
  /** Ten evenly spaced colours of viridis. */
  private static final int[] COLOURS = {
    0x440154, 0x482878, 0x3e4a89, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6dcd59, 0xb4de2c,
    0xfde725
  };

  private HeatMap() {}

  /**
   * A PNG image as a data URI.
   *
   * @param values shape {@code (columns, rows)}, the first row at the bottom
   * @param max what and above what the brightest colour stands for; the darkest for 0 and below
   */
  static String dataUri(double[][] values, double max) {
    int rows = values[0].length;
    var image = new BufferedImage(values.length, rows, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < values.length; x++) {
      for (int y = 0; y < rows; y++) {
        image.setRGB(x, rows - 1 - y, colour(values[x][y] / max));
      }
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png(image));
  }

  /** The colour of a position between 0 and 1; others are held back. */
  static int colour(double position) {
    double place = Math.clamp(position, 0.0, 1.0) * (COLOURS.length - 1);
    int below = Math.min((int) place, COLOURS.length - 2);
    double part = place - below;
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = COLOURS[below] >> shift & 0xff;
      int b = COLOURS[below + 1] >> shift & 0xff;
      colour |= (int) Math.round(a + part * (b - a)) << shift;
    }
    return colour;
  }

  private static byte[] png(BufferedImage image) {
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
