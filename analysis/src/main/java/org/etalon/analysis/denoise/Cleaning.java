package org.etalon.analysis.denoise;

import java.io.IOException;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.etalon.inference.InferenceService;
import org.etalon.strain.source.StrainChunk;
import org.etalon.strain.source.StrainSource;
import org.jspecify.annotations.Nullable;

/** Cleans what a source gives, stretch by stretch. Owned by one thread. */
final class Cleaning {
  private final DenoiseConfig config;
  private final DenoisingModel model;
  private final InferenceService service;
  private @Nullable CleanStretch stretch;
  private long stretchNs;
  private long endNs;
  private long memoryNs;
  private long latencyNs;

  Cleaning(DenoiseConfig config, DenoisingModel model, InferenceService service) {
    this.config = config;
    this.model = model;
    this.service = service;
  }

  /** Where the stretch that is being cleaned began. */
  long stretchNs() {
    return stretchNs;
  }

  long memoryNs() {
    return memoryNs;
  }

  /** How late a sample is cleaned, by the data's own time. */
  long latencyNs() {
    return latencyNs;
  }

  /**
   * Cleans all that the source has.
   *
   * @param resumedNs a stretch's start that an earlier run was in, if the source begins within it
   * @param leave updates that may stay with the network while more is read
   * @param onChunk told where each chunk ends, before it is cleaned
   */
  void run(
      StrainSource source,
      Optional<Long> resumedNs,
      CleanFrames frames,
      int leave,
      LongConsumer onChunk)
      throws IOException, InterruptedException {
    Optional<Long> begun = resumedNs;
    for (Optional<StrainChunk> next = source.next(); next.isPresent(); next = source.next()) {
      StrainChunk chunk = next.get();
      onChunk.accept(chunk.span().endNs());
      if (stretch != null && chunk.span().startNs() != endNs) {
        end(frames);
      }
      if (stretch == null) {
        stretch = new CleanStretch(config, model, service, chunk);
        memoryNs = stretch.memoryNs();
        latencyNs = stretch.latencyNs();
        stretchNs = begun.orElse(chunk.span().startNs());
        begun = Optional.empty();
      }
      stretch.push(chunk);
      endNs = chunk.span().endNs();
      stretch.give(leave, frames);
    }
    end(frames);
  }

  private void end(CleanFrames frames) throws IOException {
    CleanStretch ending = stretch;
    if (ending != null) {
      ending.end(frames);
      frames.end();
      stretch = null;
    }
  }
}
