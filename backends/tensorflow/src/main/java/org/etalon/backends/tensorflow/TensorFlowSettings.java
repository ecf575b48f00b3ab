package org.etalon.backends.tensorflow;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelConfig;

/**
 * The parameters of a configuration, by the names of Triton's {@code tensorflow} backend.
 *
 * <p>By default a batch runs on its instance's own thread alone.
 *
 * @param signature {@code TF_SIGNATURE_DEF}
 * @param tag {@code TF_GRAPH_TAG}
 * @param intraThreads {@code TF_NUM_INTRA_THREADS}: within an operation; of the whole process
 * @param interThreads {@code TF_NUM_INTER_THREADS}: between operations; empty: the instance's own
 * @param hasOwnThreads {@code TF_USE_PER_SESSION_THREADS}
 */
record TensorFlowSettings(
    String signature,
    String tag,
    OptionalInt intraThreads,
    OptionalInt interThreads,
    boolean hasOwnThreads) {
  static final String SIGNATURE = "TF_SIGNATURE_DEF";
  private static final String TAG = "TF_GRAPH_TAG";
  private static final String INTRA = "TF_NUM_INTRA_THREADS";
  private static final String INTER = "TF_NUM_INTER_THREADS";
  private static final String OWN_THREADS = "TF_USE_PER_SESSION_THREADS";
  private static final Set<String> HEEDED = Set.of(SIGNATURE, TAG, INTRA, INTER, OWN_THREADS);
  private static final String PREFIX = "TF_";
  private static final int MAX_THREADS = 4096;

  /** Numbers of fields in {@code config.proto}. */
  private static final int INTRA_FIELD = 2;

  private static final int INTER_FIELD = 5;
  private static final int PER_SESSION_FIELD = 9;
  private static final long IN_CALLERS_THREAD = -1;

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT, with every fault
   */
  static TensorFlowSettings of(ModelConfig config, ModelLabel label) {
    List<String> faults = new ArrayList<>();
    for (String name : new TreeSet<>(config.getParametersMap().keySet())) {
      if (name.startsWith(PREFIX) && !HEEDED.contains(name)) {
        faults.add(
            "parameter %s is not known (expected: %s)"
                .formatted(name, NearestName.of(name, new TreeSet<>(HEEDED))));
      }
    }
    String own = text(config, OWN_THREADS, "0");
    if (!Set.of("0", "1", "no", "yes", "false", "true").contains(own)) {
      faults.add("parameter %s: '%s' (expected: yes or no)".formatted(OWN_THREADS, own));
    }
    TensorFlowSettings settings =
        new TensorFlowSettings(
            text(config, SIGNATURE, "serving_default"),
            text(config, TAG, "serve"),
            threads(config, INTRA, faults),
            threads(config, INTER, faults),
            Set.of("1", "yes", "true").contains(own));
    if (!faults.isEmpty()) {
      throw label.invalid(String.join("; ", faults));
    }
    return settings;
  }

  private static String text(ModelConfig config, String name, String standard) {
    return config.containsParameters(name)
        ? config.getParametersOrThrow(name).getStringValue().strip()
        : standard;
  }

  private static OptionalInt threads(ModelConfig config, String name, List<String> faults) {
    String text = text(config, name, "");
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= MAX_THREADS) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      // noted below
    }
    faults.add("parameter %s: '%s' (expected: 1 to %d)".formatted(name, text, MAX_THREADS));
    return OptionalInt.empty();
  }

  /**
   * A serialized {@code ConfigProto}.
   *
   * @param intraOpThreads of the process
   */
  byte[] sessionConfig(int intraOpThreads) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, INTRA_FIELD, intraOpThreads);
    write(out, INTER_FIELD, interThreads.isPresent() ? interThreads.getAsInt() : IN_CALLERS_THREAD);
    write(out, PER_SESSION_FIELD, hasOwnThreads ? 1 : 0);
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, int field, long value) {
    out.write(field << 3); // a number of variable length
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
