package org.etalon.strain.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.etalon.strain.StrainFile;
import org.etalon.strain.StrainFormat;

/** HDF5 files. Public for {@link java.util.ServiceLoader} only. */
public final class Hdf5Format implements StrainFormat {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};

  @Override
  public String description() {
    return "HDF5 file";
  }

  /** The signature is at byte 0, or after a user block at byte 512, 1024, 2048 and so on. */
  @Override
  public boolean recognises(FileChannel file) throws IOException {
    long offset = 0;
    while (offset + SIGNATURE.length <= file.size()) {
      if (isSignatureAt(file, offset)) {
        return true;
      }
      offset = offset == 0 ? 512 : 2 * offset;
    }
    return false;
  }

  @Override
  public StrainFile open(Path path) throws IOException {
    return Hdf5File.open(path);
  }

  private static boolean isSignatureAt(FileChannel file, long offset) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(SIGNATURE.length);
    while (found.hasRemaining() && file.read(found, offset + found.position()) >= 0) {
      // a read may give less than asked
    }
    return Arrays.equals(found.array(), SIGNATURE);
  }
}
