package org.etalon.analysis.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlotTest {
  @ParameterizedTest
  @CsvSource({
    "0,10,0 2 4 6 8 10",
    "-0.25,0.1,\u22120.2 \u22120.1 0.0 0.1",
    "3,3.0004,3.0000 3.0001 3.0002 3.0003 3.0004",
    "-20,12,\u221220 \u221210 0 10"
  })
  void putsTicksAtRoundValues(double min, double max, String expected) {
    assertThat(texts(Axis.linear("x", min, max).ticks(5))).isEqualTo(expected);
  }

  @Test
  void putsTicksAtDecadesOrWithinThem() {
    assertThat(texts(Axis.logarithmic("y", 0.5, 2e3).ticks(5)))
        .isEqualTo("10\u2070 10\u00b9 10\u00b2 10\u00b3");
    assertThat(texts(Axis.logarithmic("f (Hz)", 20, 500).ticks(5))).isEqualTo("20 50 100 200 500");
    assertThat(texts(Axis.logarithmic("Strain", 3e-24, 3e-23).ticks(5)))
        .isEqualTo("5\u00d710\u207b\u00b2\u2074 10\u207b\u00b2\u00b3 2\u00d710\u207b\u00b2\u00b3");
  }

  @Test
  void isWellFormedWhateverTheLabelsSay() throws Exception {
    double[] xs = {0, 1, 2};
    Plot plot =
        new Plot(300, 200, Axis.linear("a < b & \"c\"", 0, 2), Axis.around("y", -1, 1))
            .colours(new double[][] {{0, 1}, {2, 3}}, Axis.linear("<e>", 0, 3))
            .line("l & m", "#000", xs, new double[] {0, 1, 0})
            .steps("s", "#000", xs, xs)
            .points("p", "#000", xs, xs)
            .level("v", "#000", 0)
            .mark("#000", 1);

    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new java.io.ByteArrayInputStream(
                    plot.svg().getBytes(java.nio.charset.StandardCharsets.UTF_8)));

    assertThat(document.getDocumentElement().getTextContent()).contains("a < b & \"c\"", "l & m");
    assertThat(document.getElementsByTagName("image").getLength()).isEqualTo(1);
  }

  @Test
  void keepsTheHighestPointOfALongLine() {
    double[] xs = new double[100_000];
    double[] ys = new double[xs.length];
    for (int i = 0; i < xs.length; i++) {
      xs[i] = i;
    }
    ys[77_777] = 1;

    String svg =
        new Plot(300, 200, Axis.linear("x", 0, xs.length), Axis.linear("y", 0, 1))
            .line("l", "#000", xs, ys)
            .svg();

    // The top of the frame is at 30.
    assertThat(svg).containsPattern("L[0-9.]+ 30\\.0");
    assertThat(svg.length()).isLessThan(20_000);
  }

  @Test
  void keepsEveryPointOfALongLineThatHasAPixelOfItsOwn() {
    double[] xs = new double[10_000];
    double[] ys = new double[xs.length];
    for (int i = 0; i < xs.length; i++) {
      xs[i] = i + 1;
      ys[i] = i % 2;
    }

    String svg =
        new Plot(300, 200, Axis.logarithmic("x", 1, 10_000), Axis.linear("y", 0, 1))
            .line("l", "#000", xs, ys)
            .svg();

    // A decade takes 51.5 pixels: the second point is at 76 + 15.5, the third at 76 + 24.6.
    assertThat(svg).contains("M76.0 152.0L91.5 30.0L100.6 152.0");
  }

  @Test
  void refusesAnAxisWithoutExtent() {
    assertThatThrownBy(() -> Axis.linear("x", 1, 1))
        .hasMessage("x: 1.0 to 1.0 (expected: ascending)");
    assertThatThrownBy(() -> Axis.logarithmic("x", 0, 1))
        .hasMessage("x: 0.0 to 1.0 (expected: ascending, positive)");
  }

  private static String texts(List<Axis.Tick> ticks) {
    return String.join(" ", ticks.stream().map(Axis.Tick::text).toList());
  }
}
