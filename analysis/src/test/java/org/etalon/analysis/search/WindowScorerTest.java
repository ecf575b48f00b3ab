package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.strain.Segment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowScorerTest {
  private static final ModelId MODEL = ModelId.of("bbh");

  @ParameterizedTest
  @CsvSource({"1,1,1", "7,3,2", "64,4,3", "64,1,4", "500,8,5"})
  void scoresEveryWindowAsIfAskedOneByOne(int batchSize, int maxInFlight, long seed)
      throws Exception {
    SearchSettings settings = settings(batchSize, maxInFlight);
    WhiteStrain strain = noise(20, seed);
    try (var service = new CoincidenceService(2048, seed);
        var scorer = scorer(service, settings)) {
      for (int number : new int[] {0, 3}) {
        TimeSlide slide = TimeSlide.of(number, strain.ring(), settings);

        float[] scores = scorer.score(strain, slide, _ -> {});

        assertThat(scores).containsExactly(oneByOne(strain, slide));
      }
      assertThat(service.mostInFlight()).isLessThanOrEqualTo(maxInFlight);
      assertThat(service.openResponses()).isZero();
    }
  }

  @Test
  void namesModelAndWindowsOfAFailure() throws Exception {
    SearchSettings settings = settings(64, 4);
    WhiteStrain strain = noise(20, 1);
    try (var service = new CoincidenceService(2048, 1).failingAfter(-1);
        var scorer = scorer(service, settings)) {
      TimeSlide slide = TimeSlide.of(2, strain.ring(), settings);

      assertThatThrownBy(() -> scorer.score(strain, slide, _ -> {}))
          .isInstanceOfSatisfying(
              ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageMatching(
              "model bbh/3, windows \\d+ to \\d+ \\(the first at GPS 1[0-9.]+\\) of slide 2: gone"
                  + " to lunch");
    }
  }

  @Test
  void refusesAScoreThatIsNoNumber() throws Exception {
    SearchSettings settings = settings(64, 4);
    WhiteStrain strain = noise(5, 1);
    strain.detectors().getFirst()[4000] = Float.NaN;
    try (var service = new NanService();
        var scorer = scorer(service, settings)) {
      TimeSlide slide = TimeSlide.of(0, strain.ring(), settings);

      assertThatThrownBy(() -> scorer.score(strain, slide, _ -> {}))
          .hasMessageContaining("score NaN of window")
          .hasMessageContaining("model bbh/3");
    }
  }

  @Test
  void givesUpWhatIsInFlightWhenInterrupted() throws Exception {
    SearchSettings settings = settings(8, 2);
    WhiteStrain strain = noise(20, 1);
    try (var service = new SilentService();
        var scorer = scorer(service, settings)) {
      TimeSlide slide = TimeSlide.of(0, strain.ring(), settings);
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> scorer.score(strain, slide, _ -> {}))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void refusesAModelForOtherWindows() {
    SearchSettings settings = SearchSettings.defaults();
    try (var service = new CoincidenceService(4096, 1)) {
      assertThatThrownBy(() -> ScoringModel.of(service, MODEL, settings))
          .isInstanceOfSatisfying(
              ServingException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("model bbh: input")
          .hasMessageContaining("4096")
          .hasMessageContaining("[64,2,2048]");
    }
  }

  private static WindowScorer scorer(InferenceService service, SearchSettings settings) {
    ScoringModel model = ScoringModel.of(service, MODEL, settings);
    return new WindowScorer(service, model, settings, new StageClock());
  }

  private static SearchSettings settings(int batchSize, int maxInFlight) {
    return SearchSettings.defaults().with().batchSize(batchSize).maxInFlight(maxInFlight).build();
  }

  private static WhiteStrain noise(int seconds, long seed) {
    Segment span = Segment.ofSeconds(1_000_000_000, 1_000_000_000 + seconds);
    var random = new Random(seed);
    float[] first = new float[seconds * 2048];
    float[] second = new float[seconds * 2048];
    for (int i = 0; i < first.length; i++) {
      first[i] = (float) random.nextGaussian();
      second[i] = (float) random.nextGaussian();
    }
    return new WhiteStrain(new Ring(0, span, span, 2048), List.of(first, second));
  }

  private static float[] oneByOne(WhiteStrain strain, TimeSlide slide) {
    float[] first = strain.detectors().getFirst();
    float[] second = new float[first.length];
    for (int i = 0; i < second.length; i++) {
      second[(i + slide.shift()) % second.length] = strain.detectors().getLast()[i];
    }
    float[] scores = new float[slide.windows()];
    for (int w = 0; w < scores.length; w++) {
      int at = slide.firstSample(w);
      scores[w] = CoincidenceService.score(first, at, second, at, 2048);
    }
    return scores;
  }

  /** Never answers, but lets go when asked to. */
  private static class SilentService implements InferenceService {
    @Override
    public ModelMetadata metadata(ModelId model) {
      return new ModelMetadata(
          model.name(),
          List.of(3L),
          "test",
          List.of(new TensorMetadata("strain", DataType.FP32, List.of(-1L, 2L, 2048L))),
          List.of(new TensorMetadata("score", DataType.FP32, List.of(-1L, 1L))));
    }

    @Override
    public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
      return new CompletableFuture<>();
    }

    @Override
    public void close() {}
  }

  private static final class NanService extends SilentService {
    @Override
    public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
      int rows = (int) request.inputs().getFirst().shape().dim(0);
      float[] scores = new float[rows];
      scores[rows - 1] = Float.NaN;
      Tensor output = Tensor.of("score", Shape.of(rows, 1), scores);
      return CompletableFuture.completedFuture(
          InferenceResponse.of("bbh", 3, Optional.empty(), List.of(output)));
    }
  }
}
