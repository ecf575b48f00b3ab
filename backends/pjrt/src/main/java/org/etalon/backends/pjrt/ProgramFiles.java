package org.etalon.backends.pjrt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.protocol.proto.ModelConfig;

/**
 * The files of a version. A program's shapes are fixed, so a model that batches has one for each of
 * some batch sizes, {@code model.8.stablehlo}; one that does not has {@code model.stablehlo}.
 *
 * @param byRows files by batch size; by 1 for a model that does not batch
 */
record ProgramFiles(NavigableMap<Integer, Path> byRows) {
  static final String UNBATCHED = "model.stablehlo";
  private static final Pattern BATCHED = Pattern.compile("model\\.([1-9][0-9]{0,6})\\.stablehlo");

  ProgramFiles {
    byRows = Collections.unmodifiableNavigableMap(new TreeMap<>(byRows));
  }

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if files are missing
   */
  static ProgramFiles find(ModelFiles files, ModelConfig config, ModelLabel label) {
    NavigableMap<Integer, Path> found = new TreeMap<>();
    int maxBatchSize = config.getMaxBatchSize();
    if (maxBatchSize == 0) {
      String name =
          config.getDefaultModelFilename().isEmpty() ? UNBATCHED : config.getDefaultModelFilename();
      Path file = files.file(name);
      if (!Files.isRegularFile(file)) {
        throw label.invalid(
            "there is no %s (expected: as max_batch_size is 0; a model that batches has model.ROWS.stablehlo for some numbers of rows)"
                .formatted(name));
      }
      found.put(1, file);
      return new ProgramFiles(found);
    }
    try (Stream<Path> all = Files.list(files.versionDirectory())) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Matcher name = BATCHED.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.put(Integer.valueOf(name.group(1)), file);
        }
      }
    } catch (IOException e) {
      throw label.invalid("the folder cannot be read: " + e.getMessage());
    }
    if (found.isEmpty() || found.lastKey() < maxBatchSize) {
      throw label.invalid(
          "max_batch_size: %d, but there are programs for %s rows (expected: model.ROWS.stablehlo, one of them for %d rows or more)"
              .formatted(maxBatchSize, found.keySet(), maxBatchSize));
    }
    return new ProgramFiles(found);
  }
}
