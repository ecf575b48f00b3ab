package org.etalon.protocol.json;

import java.util.Map;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;

/** Tensors that lie in memory shared with the client, which this service does not offer. */
final class SharedMemory {
  private SharedMemory() {}

  /** Refuses a tensor whose parameters say that it lies in a shared region. */
  static void refuse(String kind, String name, Map<String, Parameter> parameters) {
    if (parameters.containsKey("shared_memory_region")) {
      throw new ServingException(
          ErrorCode.UNIMPLEMENTED,
          "%s '%s': shared memory is not supported (expected: its data in the message)"
              .formatted(kind, name));
    }
  }
}
