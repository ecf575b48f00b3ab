package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.etalon.engine.backend.Device;
import org.etalon.server.metrics.Gpu;
import org.junit.jupiter.api.Test;

class DevicesCommandTest {
  private static final Device GPU = new Device(Device.Kind.CUDA, 0);

  private static Gpu gpu(OptionalDouble utilization) {
    return new Gpu(
        "GPU-1",
        "NVIDIA H200",
        utilization,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalLong.of(141L << 30),
        OptionalLong.of(3L << 29));
  }

  @Test
  void listsEachDeviceWithTheBackendsThatCanUseIt() {
    TextTable table =
        DeviceTable.of(
            new Processor("EPYC, 2 cores", 8L << 30, 1L << 30),
            List.of(gpu(OptionalDouble.of(0.37)), gpu(OptionalDouble.empty())),
            Map.of("onnxruntime", List.of(Device.CPU, GPU)));
    assertThat(table.toText().lines().map(String::strip))
        .containsExactly(
            "device  name           memory GiB  used GiB  busy percent  backends",
            "cpu     EPYC, 2 cores         8.0       1.0                onnxruntime",
            "cuda:0  NVIDIA H200         141.0       1.5            37  onnxruntime",
            "cuda:1  NVIDIA H200         141.0       1.5                none");
    assertThat(table.toJson())
        .contains("\"device\":\"cuda:0\"", "\"memory_GiB\":141.0", "\"busy_percent\":37");
  }

  @Test
  void listsADeviceThatOnlyABackendKnowsOf() {
    TextTable table =
        DeviceTable.of(
            new Processor("arm", 1, 1), List.of(), Map.of("onnxruntime", List.of(Device.CPU, GPU)));
    assertThat(table.toText().lines().skip(2)).singleElement().asString().startsWith("cuda:0");
  }

  @Test
  void printsThisMachine() {
    CommandLineRun run = CommandLineRun.of("devices", "--json");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("\"device\":\"cpu\"", "onnxruntime");
  }
}
