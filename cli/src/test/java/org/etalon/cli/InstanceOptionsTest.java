package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.etalon.engine.backend.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceOptionsTest {
  private static final Device CPU = new Device(Device.Kind.CPU, 0);

  @Test
  void leavesThePlacementToTheModelWhereNothingIsSaid() {
    assertThat(InstanceOptions.placement(List.of(), null)).isEmpty();
  }

  @Test
  void placesEachJobOnEachDevice() {
    Device second = new Device(Device.Kind.CUDA, 1);
    assertThat(InstanceOptions.placement(List.of("cpu", "cuda:1"), 2))
        .containsExactly(CPU, CPU, second, second);
  }

  @Test
  void placesJobsOnTheCpuWhereNoDeviceIsNamed() {
    assertThat(InstanceOptions.placement(List.of(), 3)).containsExactly(CPU, CPU, CPU);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:x", "cuda:-1", "", "cuda:"})
  void refusesADeviceItDoesNotKnow(String device) {
    assertThatThrownBy(() -> InstanceOptions.placement(List.of(device), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--devices: '" + device + "'");
  }

  @Test
  void refusesLessThanOneJob() {
    assertThatThrownBy(() -> InstanceOptions.placement(List.of("cpu"), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--jobs-per-device: 0 (expected: >= 1)");
  }
}
