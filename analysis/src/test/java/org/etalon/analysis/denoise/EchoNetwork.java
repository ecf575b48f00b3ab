package org.etalon.analysis.denoise;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;

/** Predicts the first of two witnesses as the noise; may be gone after some requests. */
final class EchoNetwork implements InferenceService {
  static final int KERNEL = 512;

  private int left;
  private int rows;

  EchoNetwork(int requests) {
    left = requests;
  }

  int rows() {
    return rows;
  }

  @Override
  public ModelMetadata metadata(ModelId model) {
    return new ModelMetadata(
        model.name(),
        List.of(3L),
        "echo",
        List.of(new TensorMetadata("w", DataType.FP32, List.of(-1L, 2L, (long) KERNEL))),
        List.of(new TensorMetadata("n", DataType.FP32, List.of(-1L, (long) KERNEL))));
  }

  @Override
  public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
    if (left-- <= 0) {
      return CompletableFuture.failedFuture(ServingException.unavailable("gone"));
    }
    Tensor input = request.inputs().getFirst();
    float[] witness = input.toFloats();
    int count = (int) input.shape().dim(0);
    rows += count;
    float[] noise = new float[count * KERNEL];
    for (int i = 0; i < count; i++) {
      System.arraycopy(witness, 2 * i * KERNEL, noise, i * KERNEL, KERNEL);
    }
    return CompletableFuture.completedFuture(
        InferenceResponse.of(
            "echo", 3, Optional.empty(), List.of(Tensor.of("n", Shape.of(count, KERNEL), noise))));
  }

  @Override
  public void close() {}
}
