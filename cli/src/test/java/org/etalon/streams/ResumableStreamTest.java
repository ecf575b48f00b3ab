package org.etalon.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.etalon.client.EtalonClient;
import org.etalon.client.ServerGroup;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumableStreamTest {
  private static final int KERNEL = 16;
  private static final int STRIDE = 2;

  @TempDir private Path folder;

  private StreamServer server() throws Exception {
    StreamServer.model(
        folder,
        "cut",
        "operator=snapshotter",
        "channels=1",
        "kernel=" + KERNEL,
        "stride=" + STRIDE);
    return new StreamServer(folder);
  }

  @Test
  void noAnswerIsMissingAndNoneIsGivenTwiceHoweverOftenServersAreKilled() throws Exception {
    try (StreamServer a = server();
        StreamServer b = server();
        ServerGroup group = ServerGroup.open(List.of(a.client(), b.client()))) {
      InferenceStream stream = group.stream(ModelId.of("cut"), new Sequence.Id.Number(7));
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        answers.add(stream.send(update(i)));
        if (i % 100 == 50) {
          answers.get(i - 20).get(30, TimeUnit.SECONDS);
          (i < 200 ? a : b).kill();
        }
        if (i % 100 == 90) {
          answers.get(i - 20).get(30, TimeUnit.SECONDS);
          (i < 200 ? a : b).close();
          (i < 200 ? a : b).start();
        }
      }
      for (int i = 0; i < 400; i++) {
        try (InferenceResponse response = answers.get(i).get(30, TimeUnit.SECONDS)) {
          assertThat(response.output("kernels").toFloats()).isEqualTo(kernel(i, 0));
        }
      }
    }
  }

  @Test
  void goesOnAfterAnEndAndARestartOfItsOnlyServer() throws Exception {
    try (StreamServer only = server();
        InferenceService client = EtalonClient.open(only.client())) {
      InferenceStream stream = client.stream(ModelId.of("cut"), new Sequence.Id.Text("L1"));
      for (int i = 0; i < 30; i++) {
        var answer = i == 9 ? stream.end(update(i)) : stream.send(update(i));
        try (InferenceResponse response = answer.get(30, TimeUnit.SECONDS)) {
          assertThat(response.output("kernels").toFloats())
              .as("update %d", i)
              .isEqualTo(kernel(i, i > 9 ? 10 : 0));
        }
        if (i == 5 || i == 9 || i == 12 || i == 25) {
          only.kill();
          only.start();
        }
      }
    }
  }

  @Test
  void streamsAreSpreadOverTheServersAndStay() throws Exception {
    try (StreamServer a = server();
        StreamServer b = server();
        ServerGroup group = ServerGroup.open(List.of(a.client(), b.client()))) {
      for (int s = 1; s <= 4; s++) {
        InferenceStream stream = group.stream(ModelId.of("cut"), new Sequence.Id.Number(s));
        for (int i = 0; i < 5; i++) {
          stream.send(update(i)).get(30, TimeUnit.SECONDS).close();
        }
      }
      assertThat(a.answered("cut")).isEqualTo(10);
      assertThat(b.answered("cut")).isEqualTo(10);
    }
  }

  @Test
  void movesWhenItsServerIsToldToStop() throws Exception {
    try (StreamServer a = server();
        StreamServer b = server();
        ServerGroup group = ServerGroup.open(List.of(a.client(), b.client()))) {
      InferenceStream stream = group.stream(ModelId.of("cut"), new Sequence.Id.Number(1));
      for (int i = 0; i < 40; i++) {
        if (i == 20) {
          a.stop();
        }
        try (InferenceResponse response = stream.send(update(i)).get(30, TimeUnit.SECONDS)) {
          assertThat(response.output("kernels").toFloats()).isEqualTo(kernel(i, 0));
        }
      }
    }
  }

  @Test
  void anUpdateThatNoServerTakesFailsAloneAndTheStreamIsAsIfItHadNotBeen() throws Exception {
    try (StreamServer only = server();
        InferenceService client = EtalonClient.open(only.client())) {
      InferenceStream stream = client.stream(ModelId.of("cut"), new Sequence.Id.Number(1));
      var first = stream.send(update(0));
      var bad = stream.send(List.of(Tensor.of("update", Shape.of(1, 3), new float[3])));
      var after = stream.send(update(1));
      first.get(30, TimeUnit.SECONDS).close();
      assertThatThrownBy(() -> join(bad)).hasMessageContaining("multiple of the stride");
      try (InferenceResponse response = after.get(30, TimeUnit.SECONDS)) {
        assertThat(response.output("kernels").toFloats()).isEqualTo(kernel(1, 0));
      }
    }
  }

  @Test
  void aClosedStreamLeavesNoFutureUndone() throws Exception {
    try (StreamServer only = server();
        InferenceService client = EtalonClient.open(only.client())) {
      InferenceStream stream = client.stream(ModelId.of("cut"), new Sequence.Id.Number(1));
      only.kill();
      var answer = stream.send(update(0));
      stream.close();
      assertThatThrownBy(() -> join(answer)).isInstanceOf(ServingException.class);
      assertThatThrownBy(() -> join(stream.send(update(1)))).hasMessageContaining("closed");
    }
  }

  private static List<Tensor> update(int i) {
    return List.of(Tensor.of("update", Shape.of(1, STRIDE), new float[] {2 * i + 1, 2 * i + 2}));
  }

  /** The kernel after update {@code i} of a stream that began with update {@code first}. */
  private static float[] kernel(int i, int first) {
    float[] kernel = new float[KERNEL];
    for (int k = 0; k < KERNEL; k++) {
      int sample = 2 * i + 2 - (KERNEL - 1) + k;
      kernel[k] = sample > 2 * first ? sample : 0;
    }
    return kernel;
  }

  private static void join(CompletableFuture<InferenceResponse> answer) throws Throwable {
    try {
      answer.get(30, TimeUnit.SECONDS);
    } catch (CompletionException | java.util.concurrent.ExecutionException e) {
      throw e.getCause();
    }
  }
}
