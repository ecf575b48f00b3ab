package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A version of a model that a test writes, whose requests wait until all of them are there, so that
 * those that may share a batch do.
 */
final class BatchRig implements AutoCloseable {
  private final CountDownLatch opened = new CountDownLatch(1);
  private final List<Integer> batches = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<List<Tensor>>> answers = new ArrayList<>();
  private final ServedVersion served;

  /**
   * @param config in protobuf's text format
   * @param execute what an instance does with a batch
   */
  BatchRig(String config, Consumer<Batch> execute) {
    ModelConfig parsed = ModelConfigReader.parse("test", "name: 'm' " + config).config();
    this.served = ServedVersion.open("m", 1, model(parsed, execute), parsed, List.of(Device.CPU));
  }

  private BackendModel model(ModelConfig config, Consumer<Batch> execute) {
    return new BackendModel() {
      @Override
      public ModelConfig config() {
        return config;
      }

      @Override
      public ModelInstance newInstance(Device device) {
        return new ModelInstance() {
          @Override
          public void execute(Batch batch) {
            await();
            batches.add(batch.rows());
            execute.accept(batch);
          }

          @Override
          public void close() {}
        };
      }

      @Override
      public void close() {}
    };
  }

  private void await() {
    try {
      opened.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void submit(Tensor... inputs) {
    submit(InferenceRequest.of(ModelId.of("m"), inputs));
  }

  void submit(InferenceRequest request) {
    CompletableFuture<List<Tensor>> answer = new CompletableFuture<>();
    answers.add(answer);
    var _ =
        served.submit(
            request,
            new ResponseHandler() {
              @Override
              public void onResponse(InferenceResponse response, boolean isLast) {
                answer.complete(response.outputs().stream().map(Tensor::copy).toList());
                response.close();
              }

              @Override
              public void onError(ServingException error) {
                answer.completeExceptionally(error);
              }
            });
  }

  /** Lets all run; the outputs of each request since the last time, in the order submitted. */
  List<List<Tensor>> run() {
    opened.countDown();
    List<CompletableFuture<List<Tensor>>> submitted = List.copyOf(answers);
    answers.clear();
    return submitted.stream().map(CompletableFuture::join).toList();
  }

  /** The rows of each batch that ran. */
  List<Integer> batches() {
    return batches;
  }

  @Override
  public void close() {
    opened.countDown();
    served.close();
  }
}
