package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelParameter;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.junit.jupiter.api.Test;

class StreamMemoryTest {
  private final Map<String, ModelConfig> models = new HashMap<>();

  private ModelConfig config(String name) {
    return models.getOrDefault(name, ModelConfig.getDefaultInstance());
  }

  private ModelConfig operator(String name, int memory, int alignment, int inputPerOutput) {
    ModelConfig config =
        ModelConfig.newBuilder()
            .setName(name)
            .setSequenceBatching(ModelSequenceBatching.getDefaultInstance())
            .putParameters("stream_memory_samples", number(memory))
            .putParameters("stream_alignment_samples", number(alignment))
            .putParameters("stream_input_per_output", number(inputPerOutput))
            .build();
    models.put(name, config);
    return config;
  }

  private static ModelParameter number(int value) {
    return ModelParameter.newBuilder().setStringValue(Integer.toString(value)).build();
  }

  private static ModelConfig ensemble(String[]... steps) {
    ModelEnsembling.Builder graph = ModelEnsembling.newBuilder();
    for (String[] step : steps) {
      ModelEnsembling.Step.Builder built = graph.addStepBuilder().setModelName(step[0]);
      for (int i = 1; i < step.length - 1; i++) {
        built.putInputMap("in" + i, step[i]);
      }
      built.putOutputMap("out", step[step.length - 1]);
    }
    return ModelConfig.newBuilder()
        .addInput(ModelInput.newBuilder().setName("strain"))
        .addInput(ModelInput.newBuilder().setName("witness"))
        .setEnsembleScheduling(graph)
        .build();
  }

  @Test
  void aModelTellsItsOwn() {
    assertThat(StreamMemory.of(operator("a", 7, 3, 1), this::config))
        .contains(new StreamMemory(7, 3));
    assertThat(StreamMemory.of(ModelConfig.getDefaultInstance(), this::config)).isEmpty();
  }

  @Test
  void anEnsembleRemembersAsMuchAsTheStepsOfItsLongestPathTogether() {
    operator("snap", 100, 4, 1);
    operator("mean", 30, 4, 1);
    operator("subtract", 50, 1, 1);
    operator("white", 400, 64, 2);
    operator("snap2", 10, 6, 1);
    models.put("net", ModelConfig.getDefaultInstance());
    ModelConfig config =
        ensemble(
            new String[] {"snap2", "w", "k2"}, // steps may stand in any order
            new String[] {"snap", "witness", "k"},
            new String[] {"net", "k", "o"},
            new String[] {"mean", "o", "n"},
            new String[] {"subtract", "strain", "n", "c"},
            new String[] {"white", "c", "w"});

    assertThat(StreamMemory.of(config, this::config))
        .contains(new StreamMemory(100 + 30 + 50 + 400 + 2 * 10, 192));
  }

  @Test
  void anEnsembleWithAStepThatKeepsStateAndTellsNothingTellsNothing() {
    operator("snap", 100, 4, 1);
    models.put(
        "lstm",
        ModelConfig.newBuilder()
            .setSequenceBatching(ModelSequenceBatching.getDefaultInstance())
            .build());
    ModelConfig config =
        ensemble(new String[] {"snap", "witness", "k"}, new String[] {"lstm", "k", "o"});

    assertThat(StreamMemory.of(config, this::config)).isEmpty();
  }
}
