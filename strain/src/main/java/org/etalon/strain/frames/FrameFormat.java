package org.etalon.strain.frames;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.etalon.strain.StrainFile;
import org.etalon.strain.StrainFormat;

/** Frame files. Public for {@link java.util.ServiceLoader} only. */
public final class FrameFormat implements StrainFormat {
  private static final byte[] MAGIC = "IGWD\0".getBytes(StandardCharsets.US_ASCII);

  @Override
  public String description() {
    return "GWF frame file (starts with \"IGWD\")";
  }

  @Override
  public boolean recognises(FileChannel file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(MAGIC.length);
    while (start.hasRemaining() && file.read(start, start.position()) >= 0) {
      // a read may give less than asked
    }
    return !start.hasRemaining() && Arrays.equals(start.array(), MAGIC);
  }

  @Override
  public StrainFile open(Path path) throws IOException {
    return FrameFile.open(path);
  }
}
