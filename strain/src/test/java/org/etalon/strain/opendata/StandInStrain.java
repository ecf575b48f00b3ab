package org.etalon.strain.opendata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Files with a strain file's first bytes and name, and noise for the rest. */
final class StandInStrain {
  private StandInStrain() {}

  /** Writes {@code bytes} of a file of that name; the same bytes for the same name. */
  static byte[] write(Path folder, String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    StrainFormat format = name.endsWith(".gwf") ? StrainFormat.GWF : StrainFormat.HDF5;
    byte[] magic = format.magic();
    System.arraycopy(magic, 0, content, 0, magic.length);
    Files.write(folder.resolve(name), content);
    return content;
  }
}
