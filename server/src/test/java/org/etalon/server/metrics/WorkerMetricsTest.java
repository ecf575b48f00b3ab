package org.etalon.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.status.InstanceStatus;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
  private static final InstanceStatus INSIDE = new InstanceStatus("a", 1, Device.CPU, 0);

  private static InstanceStatus apart(OptionalLong pid, long starts) {
    OptionalLong resident = pid.isPresent() ? OptionalLong.of(5_000_000) : OptionalLong.empty();
    var process =
        new InstanceProcess(pid, starts, Duration.ofMillis(1500), resident, Optional.empty());
    return new InstanceStatus("b", 2, Device.CPU, 0, Optional.of(process));
  }

  private static String page(List<InstanceStatus> instances) {
    var page = new MetricsPage();
    WorkerMetrics.write(page, instances);
    return page.toString();
  }

  @Test
  void tellsOfEachWorkerWhetherItIsUpHowOftenItStartedAndWhatItHolds() {
    String text =
        page(List.of(INSIDE, apart(OptionalLong.of(17), 1), apart(OptionalLong.empty(), 3)));
    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            "etalon_worker_up{instance=\"0\",model=\"b\",version=\"2\"} 1",
            "etalon_worker_up{instance=\"1\",model=\"b\",version=\"2\"} 0",
            "etalon_worker_starts_total{instance=\"0\",model=\"b\",version=\"2\"} 1",
            "etalon_worker_starts_total{instance=\"1\",model=\"b\",version=\"2\"} 3",
            "etalon_worker_startup_seconds{instance=\"0\",model=\"b\",version=\"2\"} 1.5",
            "etalon_worker_startup_seconds{instance=\"1\",model=\"b\",version=\"2\"} 1.5",
            "etalon_worker_resident_bytes{instance=\"0\",model=\"b\",version=\"2\"} 5000000");
  }

  @Test
  void saysNothingWhereEveryInstanceRunsInside() {
    assertThat(page(List.of(INSIDE))).isEmpty();
  }
}
