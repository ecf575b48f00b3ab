package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.config.ModelConfigRules;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.etalon.protocol.proto.ModelSequenceBatching.Control;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences through a model that adds: its sum is a state that the engine keeps. */
final class ServedSequencesTest {
  private static final float POISON = -1;

  private final AtomicInteger largestBatch = new AtomicInteger();

  private static ModelConfig config(boolean isDirect, int instances) {
    ModelSequenceBatching.Builder batching =
        ModelSequenceBatching.newBuilder()
            .setMaxSequenceIdleMicroseconds(60_000_000)
            .addControlInput(control("start", Control.Kind.CONTROL_SEQUENCE_START))
            .addControlInput(control("ready", Control.Kind.CONTROL_SEQUENCE_READY))
            .addState(
                ModelSequenceBatching.State.newBuilder()
                    .setInputName("sum_in")
                    .setOutputName("sum_out")
                    .setDataType(org.etalon.protocol.proto.DataType.TYPE_FP32)
                    .addDims(1));
    if (isDirect) {
      batching.setDirect(ModelSequenceBatching.StrategyDirect.getDefaultInstance());
    } else {
      batching.setOldest(
          ModelSequenceBatching.StrategyOldest.newBuilder().setMaxCandidateSequences(8));
    }
    ModelConfig config =
        ModelConfig.newBuilder()
            .setName("sum")
            .setMaxBatchSize(4)
            .addInput(
                ModelInput.newBuilder()
                    .setName("x")
                    .setDataType(org.etalon.protocol.proto.DataType.TYPE_FP32)
                    .addDims(1))
            .addOutput(
                ModelOutput.newBuilder()
                    .setName("y")
                    .setDataType(org.etalon.protocol.proto.DataType.TYPE_FP32)
                    .addDims(1))
            .setSequenceBatching(batching)
            .addInstanceGroup(
                ModelInstanceGroup.newBuilder()
                    .setKind(ModelInstanceGroup.Kind.KIND_CPU)
                    .setCount(instances))
            .build();
    return ModelConfigRules.complete(config, List.of(Device.CPU));
  }

  private static ModelSequenceBatching.ControlInput control(String name, Control.Kind kind) {
    return ModelSequenceBatching.ControlInput.newBuilder()
        .setName(name)
        .addControl(Control.newBuilder().setKind(kind).addFp32FalseTrue(0).addFp32FalseTrue(1))
        .build();
  }

  private ServedVersion open(ModelConfig config) {
    Tensor initial = Tensor.of("sum_in", Shape.of(1), new float[] {100});
    return ServedVersion.open(
        "sum",
        1,
        new Adder(config),
        config,
        List.of(Device.CPU),
        SequenceConfig.tensors(config, Map.of("sum_in", initial)),
        Map.of(),
        SharedServices.standard());
  }

  /** Gives {@code sum_in + x}, as output and as state; where it is started, its state is 100. */
  private final class Adder implements BackendModel, ModelInstance {
    private final ModelConfig config;

    Adder(ModelConfig config) {
      this.config = config;
    }

    @Override
    public ModelConfig config() {
      return config;
    }

    @Override
    public ModelInstance newInstance(Device device) {
      return this;
    }

    @Override
    public void execute(Batch batch) {
      assertThat(batch.inputs().stream().map(Tensor::name))
          .containsExactly("x", "start", "ready", "sum_in");
      float[] x = batch.inputs().get(0).toFloats();
      float[] start = batch.inputs().get(1).toFloats();
      float[] ready = batch.inputs().get(2).toFloats();
      float[] sum = batch.inputs().get(3).toFloats();
      largestBatch.accumulateAndGet(batch.rows(), Math::max);
      MemorySegment y = batch.allocate(0, DataType.FP32, Shape.of(batch.rows(), 1));
      MemorySegment state = batch.allocate(1, DataType.FP32, Shape.of(batch.rows(), 1));
      for (int i = 0; i < x.length; i++) {
        if (x[i] == POISON) {
          throw ServingException.invalid("poison");
        }
        if (ready[i] == 1 && start[i] == 1 && sum[i] != 100) {
          throw ServingException.invalid("a sequence began with another's state: " + sum[i]);
        }
        y.setAtIndex(Tensor.FLOAT, i, sum[i] + x[i]);
        state.setAtIndex(Tensor.FLOAT, i, sum[i] + x[i]);
      }
    }

    @Override
    public void close() {}
  }

  private static CompletableFuture<Float> send(
      ServedVersion served, long id, boolean isStart, boolean isEnd, float x) {
    CompletableFuture<Float> answer = new CompletableFuture<>();
    InferenceRequest request =
        InferenceRequest.to(ModelId.of("sum"))
            .input(Tensor.of("x", Shape.of(1, 1), new float[] {x}))
            .sequence(new Sequence(new Sequence.Id.Number(id), isStart, isEnd))
            .build();
    var _ =
        served.submit(
            request,
            new ResponseHandler() {
              @Override
              public void onResponse(InferenceResponse response, boolean isLast) {
                try (response) {
                  answer.complete(response.output("y").toFloats()[0]);
                }
              }

              @Override
              public void onError(ServingException error) {
                answer.completeExceptionally(error);
              }
            });
    return answer;
  }

  @ParameterizedTest
  @CsvSource({"true, 1, 1", "true, 2, 2", "false, 1, 3", "false, 2, 4"})
  void noStateEverCrossesSequences(boolean isDirect, int instances, int seed) {
    var random = new Random(seed);
    Map<Long, Float> sums = new HashMap<>();
    List<CompletableFuture<Float>> answers = new ArrayList<>();
    List<Float> expected = new ArrayList<>();
    try (ServedVersion served = open(config(isDirect, instances))) {
      for (int i = 0; i < 2000; i++) {
        // More at one time than there are slots: some wait until others end.
        long id = 1 + random.nextInt(6) + 6L * (i / 500);
        boolean isStart = !sums.containsKey(id);
        boolean isEnd = i % 500 >= 490 || random.nextInt(10) == 0;
        float x = random.nextInt(100);
        float sum = isStart ? 100 + x : sums.getOrDefault(id, 0f) + x;
        if (isEnd) {
          sums.remove(id);
        } else {
          sums.put(id, sum);
        }
        expected.add(sum);
        answers.add(send(served, id, isStart, isEnd, x));
        if (i % 500 == 499) {
          for (long left : List.copyOf(sums.keySet())) {
            expected.add(sums.getOrDefault(left, 0f));
            answers.add(send(served, left, false, true, 0));
          }
          sums.clear();
        }
      }
      assertThat(answers.stream().map(CompletableFuture::join)).containsExactlyElementsOf(expected);
      assertThat(largestBatch.get()).isBetween(1, 4);
      assertThat(served.statistics().inferenceCount()).isEqualTo(answers.size());
    }
  }

  @Test
  void aRequestThatFailsLeavesItsStateAndEveryoneElsesAlone() {
    try (ServedVersion served = open(config(false, 1))) {
      send(served, 1, true, false, 1).join();
      send(served, 2, true, false, 2).join();
      CompletableFuture<Float> good = send(served, 1, false, false, 10);
      CompletableFuture<Float> bad = send(served, 2, false, false, POISON);
      assertThat(good.join()).isEqualTo(111);
      assertThatThrownBy(bad::join).hasMessageContaining("poison");
      assertThat(send(served, 2, false, true, 20).join()).isEqualTo(122);
    }
  }

  @Test
  void aRequestOutsideASequenceIsRefused() {
    try (ServedVersion served = open(config(true, 1))) {
      assertThatThrownBy(() -> send(served, 999, false, false, 1).join())
          .hasMessageContaining("inference request for sequence 999 to model 'sum' must specify");
      assertThat(served.inFlight()).isZero();
    }
  }
}
