package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Requests for the tests' one model, and what became of them. */
final class Requests {
  static final ModelId MODEL = ModelId.of("bbh");

  private Requests() {}

  static InferenceRequest request(String id, float... values) {
    return InferenceRequest.to(MODEL)
        .id(id)
        .input(Tensor.of("x", Shape.of(values.length), values))
        .build();
  }

  static ServingException failure(CompletableFuture<InferenceResponse> answer) {
    assertThat(answer).failsWithin(Duration.ofSeconds(30));
    assertThat(answer.exceptionNow()).isInstanceOf(ServingException.class);
    return (ServingException) answer.exceptionNow();
  }

  /** A client that pauses, and gives up, when the test says that time has passed. */
  static EtalonClient open(ClientConfig config, ManualTime time) {
    return new EtalonClient(config, Connections.eventLoops(config), time, new Random(1));
  }
}
