package org.etalon.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SequenceStreamTest {
  private final List<InferenceRequest> requests = new ArrayList<>();

  private final InferenceService service =
      new InferenceService() {
        @Override
        public ModelMetadata metadata(ModelId model) {
          throw ServingException.notFound("not asked for");
        }

        @Override
        public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
          requests.add(request);
          return new CompletableFuture<>();
        }

        @Override
        public void close() {}
      };

  @Test
  void marksTheFirstUpdateAndTheOneAfterAnEnd() throws Exception {
    Sequence.Id id = new Sequence.Id.Text("H1");
    InferenceStream stream = service.stream(ModelId.of("m"), id);
    var _ = stream.send(update(1));
    var _ = stream.send(update(2));
    var _ = stream.end(update(3));
    var _ = stream.send(update(4));

    assertThat(requests.stream().map(request -> request.sequence().orElseThrow()))
        .containsExactly(
            new Sequence(id, true, false),
            new Sequence(id, false, false),
            new Sequence(id, false, true),
            new Sequence(id, true, false));
  }

  @Test
  void keepsNothingOfTheAskersMemory() throws Exception {
    float[] memory = {1};
    var answer =
        service.stream(ModelId.of("m"), new Sequence.Id.Number(1))
            .send(List.of(Tensor.of("x", Shape.of(1), memory)));
    memory[0] = 2;

    assertThat(requests.getFirst().inputs().getFirst().toFloats()).containsExactly(1);
    assertThat(answer).isNotDone();
  }

  @Test
  void closingGivesUpWhatIsUnanswered() throws Exception {
    InferenceStream stream = service.stream(ModelId.of("m"), new Sequence.Id.Number(1));
    var answer = stream.send(update(1));
    stream.close();

    assertThat(answer).isCancelled();
  }

  private static List<Tensor> update(float value) {
    return List.of(Tensor.of("x", Shape.of(1), new float[] {value}));
  }
}
