package org.etalon.strain.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotterTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void givesTheKernelsOfTheWholeSeriesHoweverItIsCut(long seed) {
    Random random = new Random(seed);
    int channels = 1 + random.nextInt(5);
    int kernel = 1 + random.nextInt(40);
    int stride = 1 + random.nextInt(kernel);
    int total = stride * (1 + random.nextInt(60));
    float[][] series = new float[channels][total];
    for (float[] channel : series) {
      for (int i = 0; i < total; i++) {
        channel[i] = random.nextFloat();
      }
    }
    var snapshotter = new Snapshotter(channels, kernel, stride);

    int end = 0;
    for (int size : Cuts.random(total, stride, 4, seed)) {
      float[] kernels = push(snapshotter, series, end, size, size / stride * channels * kernel);
      for (int j = 0; j < size / stride; j++) {
        end += stride;
        for (int c = 0; c < channels; c++) {
          for (int i = 0; i < kernel; i++) {
            int sample = end - kernel + i;
            float expected = sample < 0 ? 0 : series[c][sample];
            assertThat(kernels[(j * channels + c) * kernel + i]).isEqualTo(expected);
          }
        }
      }
    }
    assertThat(end).isEqualTo(total);
  }

  @Test
  void goesOnAfterItsMemoryIsReplayed() {
    float[][] series = {new float[100]};
    for (int i = 0; i < 100; i++) {
      series[0][i] = i;
    }
    var whole = new Snapshotter(1, 10, 3);
    push(whole, series, 0, 60, 200);
    var resumed = new Snapshotter(1, 10, 3);
    int replayed = Math.ceilDiv(resumed.memorySamples(), 3) * 3;
    push(resumed, series, 60 - replayed, replayed, replayed / 3 * 10);

    assertThat(push(resumed, series, 60, 30, 100)).isEqualTo(push(whole, series, 60, 30, 100));
  }

  @Test
  void refusesAnUpdateThatIsNoMultipleOfTheStrideAndChangesNothing() {
    var snapshotter = new Snapshotter(2, 8, 4);

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            snapshotter.push(
                MemorySegment.ofArray(new float[12]), MemorySegment.ofArray(new float[16])))
        .withMessageContaining("a multiple of the stride of 4 samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Snapshotter(2, 8, 9))
        .withMessageContaining("stride: 9 (expected: from 1 to 8)");
  }

  private static float[] push(
      Snapshotter snapshotter, float[][] series, int from, int size, int values) {
    float[] update = new float[series.length * size];
    for (int c = 0; c < series.length; c++) {
      System.arraycopy(series[c], from, update, c * size, size);
    }
    float[] kernels = new float[values];
    snapshotter.push(MemorySegment.ofArray(update), MemorySegment.ofArray(kernels));
    return kernels;
  }
}
