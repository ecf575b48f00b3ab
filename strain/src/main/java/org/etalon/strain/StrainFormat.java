package org.etalon.strain;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file format that {@link StrainFile#open} can read, found with {@link java.util.ServiceLoader}.
 */
public interface StrainFormat {
  /** What to call it in an error, as in {@code GWF (starts with "IGWD")}. */
  String description();

  /** Whether the file's content, not its name, is of this format. The position may be moved. */
  boolean recognises(FileChannel file) throws IOException;

  /**
   * Opens a file of this format.
   *
   * @throws IOException if it is damaged, saying where
   */
  StrainFile open(Path path) throws IOException;
}
