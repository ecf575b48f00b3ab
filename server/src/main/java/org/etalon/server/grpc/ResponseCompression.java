package org.etalon.server.grpc;

import java.util.zip.Deflater;

/** How much work goes into making answers smaller, for clients that take compressed ones. */
public enum ResponseCompression {
  NONE(Deflater.NO_COMPRESSION),
  LOW(Deflater.BEST_SPEED),
  MEDIUM(5),
  HIGH(Deflater.BEST_COMPRESSION);

  private final int level;

  ResponseCompression(int level) {
    this.level = level;
  }

  /** As zlib counts them. */
  int level() {
    return level;
  }
}
