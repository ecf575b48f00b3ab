package org.etalon.server.grpc;

import java.util.List;
import java.util.Map;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;

/** Refuses what a request may ask for by the protocol and this server does not do. */
final class SupportedRequests {
  private static final List<String> NOT_SERVED = List.of("shared_memory_region", "classification");

  private SupportedRequests() {}

  /**
   * @throws ServingException UNIMPLEMENTED, naming output and wish
   */
  static void check(InferenceRequest request) {
    for (RequestedOutput output : request.outputs()) {
      Map<String, Parameter> wishes = output.parameters();
      if (!wishes.isEmpty()) {
        check(output.name(), wishes);
      }
    }
  }

  private static void check(String output, Map<String, Parameter> wishes) {
    for (String wish : NOT_SERVED) {
      if (wishes.containsKey(wish)) {
        throw new ServingException(
            ErrorCode.UNIMPLEMENTED,
            "output '%s' is asked for with '%s', which is not served (expected: without)"
                .formatted(output, wish));
      }
    }
  }
}
