package org.etalon.strain.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregatorTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void givesTheMeanOfAllOutputsThatHaveComeHoweverTheyAreCut(long seed) {
    Random random = new Random(seed);
    int channels = 1 + random.nextInt(3);
    int kernel = 1 + random.nextInt(30);
    int stride = 1 + random.nextInt(kernel);
    int latency = seed % 3 == 0 ? kernel - stride : random.nextInt(kernel - stride + 1);
    int outputs = 1 + random.nextInt(50);
    float[][][] rows = new float[outputs][channels][kernel];
    for (float[][] row : rows) {
      for (float[] channel : row) {
        for (int i = 0; i < kernel; i++) {
          channel[i] = random.nextFloat() - 0.5f;
        }
      }
    }
    var aggregator = new Aggregator(channels, kernel, stride, latency);

    int first = 0;
    int time = -latency;
    for (int size : Cuts.random(outputs, 1, 5, seed)) {
      boolean isEnd = first + size == outputs;
      int width = aggregator.samples(size, isEnd);
      float[] given = new float[channels * width];
      aggregator.push(flat(rows, first, size), size, isEnd, given);
      for (int i = 0; i < width; i++, time++) {
        int last = Math.min(outputs, Math.floorDiv(time + latency, stride) + 1);
        for (int c = 0; c < channels; c++) {
          assertThat(given[c * width + i])
              .as("time %d", time)
              .isEqualTo(mean(rows, c, time, last, kernel, stride));
        }
      }
      first += size;
    }
    assertThat(time).isEqualTo(outputs * stride);
  }

  /** Of the outputs before {@code last} whose kernel is whole and covers the time. */
  private static float mean(
      float[][][] rows, int channel, int time, int last, int kernel, int stride) {
    double sum = 0;
    int count = 0;
    for (int j = 0; j < last; j++) {
      int start = (j + 1) * stride - kernel;
      if (start >= 0 && time >= start && time < start + kernel) {
        sum += rows[j][channel][time - start];
        count++;
      }
    }
    return count == 0 ? 0 : (float) (sum / count);
  }

  @Test
  void goesOnAfterItsMemoryAndTheKernelsAreReplayed() {
    int kernel = 12;
    int stride = 3;
    int latency = 6;
    float[][][] rows = new float[40][1][];
    for (int j = 0; j < rows.length; j++) {
      double[] noise = Cuts.noise(kernel, j);
      rows[j][0] = new float[kernel];
      for (int i = 0; i < kernel; i++) {
        rows[j][0][i] = (float) noise[i];
      }
    }
    var whole = new Aggregator(1, kernel, stride, latency);
    whole.push(flat(rows, 0, 30), 30, false, new float[90]);
    var resumed = new Aggregator(1, kernel, stride, latency);
    int replayed = Math.ceilDiv(resumed.memorySamples() + kernel - stride, stride);
    resumed.push(flat(rows, 30 - replayed, replayed), replayed, false, new float[replayed * 3]);

    float[] expected = new float[36];
    whole.push(flat(rows, 30, 10), 10, true, expected);
    float[] actual = new float[36];
    resumed.push(flat(rows, 30, 10), 10, true, actual);
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void refusesALatencyThatNoOutputReaches() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Aggregator(1, 10, 4, 7))
        .withMessageContaining("latency: 7 (expected: from 0 to 6)");
  }

  private static float[] flat(float[][][] rows, int first, int size) {
    int row = rows[0].length * rows[0][0].length;
    float[] flat = new float[size * row];
    for (int j = 0; j < size; j++) {
      for (int c = 0; c < rows[0].length; c++) {
        System.arraycopy(
            rows[first + j][c], 0, flat, j * row + c * rows[0][0].length, rows[0][0].length);
      }
    }
    return flat;
  }
}
