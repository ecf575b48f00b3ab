package org.etalon.engine.testing;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etalon.engine.Engine;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Requests of one row {@code x}, for tests in which the answer matters and not how one asks. */
public final class RowRequests {
  private RowRequests() {}

  /** The values of the first output, which is FP32. */
  public static CompletableFuture<float[]> ask(Engine engine, String model, float... row) {
    Tensor x = Tensor.of("x", Shape.of(1, row.length), row);
    return engine
        .infer(InferenceRequest.of(ModelId.of(model), x))
        .thenApply(RowRequests::firstOutput);
  }

  public static float[] firstOutput(InferenceResponse response) {
    try (response) {
      return response.outputs().getFirst().toFloats();
    }
  }

  /** Why a request was not answered; waits for that. */
  public static ServingException failure(CompletableFuture<float[]> answer) {
    CompletionException thrown =
        assertThatExceptionOfType(CompletionException.class).isThrownBy(answer::join).actual();
    if (thrown.getCause() instanceof ServingException cause) {
      return cause;
    }
    throw new AssertionError("expected a ServingException", thrown);
  }
}
