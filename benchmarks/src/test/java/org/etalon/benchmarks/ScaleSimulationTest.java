package org.etalon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleSimulationTest {
  private static final ScaleModel MODEL = new ScaleModel(1, 1, 20, 100, 1, 2, 30, 2, 50, 250, 16);

  @Test
  void aSingleRequestTakesTheSumOfItsSteps() {
    ScaleSimulation.Result alone = ScaleSimulation.run(MODEL, 1000);

    assertThat(alone.p50Us()).isCloseTo(100 + 30 + 50 + 250, within(1e-6));
    assertThat(alone.p99Us()).isCloseTo(alone.p50Us(), within(1e-6));
    assertThat(alone.rowsPerSecond()).isCloseTo(1e6 / 450, within(0.01));
    assertThat(alone.deviceUse()).isCloseTo(300.0 / 450 / 2, within(0.001));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4,1", "64,1", "1000,1", "64,4", "1000,16"})
  void noMorePassesThanTheNarrowestPartLets(int clients, int servers) {
    ScaleModel model = MODEL.withClients(clients).withServers(servers);

    double rows = ScaleSimulation.run(model, 20_000).rowsPerSecond();

    double alone = clients * 1e6 / 450;
    double narrowest =
        Math.min(model.deviceLimit(), Math.min(model.frontLimit(), model.clientLimit()));
    assertThat(rows).isLessThan(1.01 * Math.min(alone, narrowest));
    if (clients / servers >= 60) {
      assertThat(rows).isGreaterThan(0.98 * narrowest);
    }
  }

  @Test
  void thePartThatIsNarrowestIsTheOneThatIsBusy() {
    ScaleSimulation.Result byDevices = ScaleSimulation.run(MODEL.withClients(200), 20_000);
    assertThat(byDevices.deviceUse()).isGreaterThan(0.98);
    assertThat(byDevices.frontUse()).isLessThan(0.2);

    ScaleSimulation.Result byFront =
        ScaleSimulation.run(MODEL.withClients(400).withDevices(40), 40_000);
    assertThat(byFront.frontUse()).isGreaterThan(0.98);
    assertThat(byFront.deviceUse()).isLessThan(0.6);
  }

  @Test
  void onceAllDevicesAreBusyMoreClientsOnlyWaitLonger() {
    ScaleSimulation.Result some = ScaleSimulation.run(MODEL.withClients(100), 20_000);
    ScaleSimulation.Result more = ScaleSimulation.run(MODEL.withClients(200), 40_000);

    assertThat(more.rowsPerSecond()).isCloseTo(some.rowsPerSecond(), within(0.01 * 8000));
    // Little's law: requests under way = rate times (latency and the client's own time).
    assertThat(more.rowsPerSecond() * (more.p50Us() + 20) / 1e6).isCloseTo(200, within(10.0));
  }
}
