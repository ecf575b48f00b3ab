package org.etalon.analysis.denoise;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ModelId;

/**
 * What is denoised, with what, and where the result goes.
 *
 * @param strain files, folders and cache files; live: the one folder that is followed
 * @param strainChannel empty: found by its name
 * @param witness files, folders and cache files of the witnesses
 * @param witnessChannels in the network's order
 * @param channelRule the name of the cleaned channel, with {@code {channel}} for the raw one's
 * @param output the folder for frames and report
 */
public record DenoiseConfig(
    List<Path> strain,
    Optional<String> strainChannel,
    List<Path> witness,
    List<String> witnessChannels,
    ModelId model,
    String channelRule,
    Path output,
    DenoiseSettings settings) {
  private static final String CHANNEL = "{channel}";

  /** Appends to the name of the raw channel. */
  public static final String USUAL_RULE = CHANNEL + "_CLEAN";

  /**
   * @throws IllegalArgumentException naming what is wrong
   */
  public DenoiseConfig {
    strain = List.copyOf(strain);
    witness = List.copyOf(witness);
    witnessChannels = List.copyOf(witnessChannels);
    if (strain.isEmpty() || witness.isEmpty() || witnessChannels.isEmpty()) {
      throw new IllegalArgumentException(
          "strain: %s, witness: %s, witnessChannels: %s (expected: at least one of each)"
              .formatted(strain, witness, witnessChannels));
    }
    if (channelRule.isBlank() || channelRule.equals(CHANNEL)) {
      throw new IllegalArgumentException(
          "channelRule: '%s' (expected: another name than the raw channel's, such as %s)"
              .formatted(channelRule, USUAL_RULE));
    }
  }

  String cleanedChannel(String raw) {
    return channelRule.replace(CHANNEL, raw);
  }
}
