package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.etalon.engine.backend.Device;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.server.metrics.Gpu;
import org.junit.jupiter.api.Test;

class DeviceUseTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Device GPU = new Device(Device.Kind.CUDA, 0);

  private final List<InstanceStatus> instances = new ArrayList<>();
  private long now;

  private void busy(Device device, long nanos) {
    instances.add(new InstanceStatus("m", 1, device, nanos));
  }

  private static Gpu gpu() {
    return new Gpu(
        "GPU-1",
        "NVIDIA H200",
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalLong.of(80L << 30),
        OptionalLong.of(5L << 29));
  }

  @Test
  void showsTheShareSinceTheLastLookAndInAllWithTheMemoryOfGpus() {
    busy(Device.CPU, 0);
    busy(GPU, 0);
    DeviceUse use = new DeviceUse(() -> instances, () -> List.of(gpu()), () -> now);
    instances.clear();
    now = SECOND;
    busy(Device.CPU, SECOND / 2);
    busy(Device.CPU, SECOND / 4);
    busy(GPU, SECOND / 10);
    assertThat(use).hasToString("cpu 75 %, cuda:0 10 % (2.5 of 80 GiB)");
    now = 2 * SECOND;
    assertThat(use).hasToString("cpu 0 %, cuda:0 0 % (2.5 of 80 GiB)");
    assertThat(use.summary()).isEqualTo(", cpu 38 %, cuda:0 5 % (2.5 of 80 GiB)");
  }

  @Test
  void looksAtMostTwiceASecond() {
    busy(Device.CPU, 0);
    DeviceUse use = new DeviceUse(() -> instances, List::of, () -> now);
    now = SECOND / 4;
    assertThat(use).hasToString("");
  }

  @Test
  void saysNothingWhereAServerDoesTheWork() {
    assertThat(DeviceUse.of(Optional.empty()).summary()).isEmpty();
  }
}
