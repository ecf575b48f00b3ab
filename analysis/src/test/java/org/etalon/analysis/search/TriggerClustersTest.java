package org.etalon.analysis.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TriggerClustersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void keepsOfScoresThatComeWhatIsKeptOnceAllAreThere(int seed) {
    Random random = new Random(seed);
    SearchSettings settings =
        SearchSettings.defaults().with().clusterSeconds(seed % 3 == 0 ? 1.3 : 4).build();
    float[] scores = new float[40 + random.nextInt(2000)];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.round(4 * random.nextGaussian()) / 4f + (seed % 4 == 0 ? i / 50f : 0);
    }
    int size = (scores.length - 1) * settings.stride() + settings.kernelSize();
    var slide = new TimeSlide(0, 0, size, settings.kernelSize(), settings.stride());
    List<Trigger> expected = new ArrayList<>(new Triggers(settings).find(scores, slide));
    expected.sort(Comparator.comparingInt(Trigger::window));

    var track = new ScoreTrack(settings.integrationSize(), 0);
    var clusters = new TriggerClusters(settings);
    List<Trigger> kept = new ArrayList<>();
    for (int at = 0; at < scores.length; ) {
      int to = Math.min(scores.length, at + 1 + random.nextInt(40));
      track.push(Arrays.copyOfRange(scores, at, to)).forEach(clusters::add);
      kept.addAll(clusters.settle(Math.max(0, track.nextWindow() - settings.integrationSize())));
      at = to;
    }
    track.end().forEach(clusters::add);
    kept.addAll(clusters.end());

    assertThat(kept).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(track.averages()).isEqualTo(scores.length - settings.integrationSize() + 1);
  }
}
