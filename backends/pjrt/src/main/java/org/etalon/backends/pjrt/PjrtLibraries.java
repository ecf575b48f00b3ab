package org.etalon.backends.pjrt;

import java.util.List;
import java.util.Optional;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibrarySet.Archive;
import org.etalon.backends.libraries.Platform;
import org.etalon.backends.libraries.PythonWheel;

/** XLA's plugin for the processor, from PyPI; pinned. */
final class PjrtLibraries {
  static final String CPU_PLUGIN = "pjrt_c_api_cpu_plugin.so";

  private PjrtLibraries() {}

  static Optional<LibrarySet> set() {
    if (!Platform.name().equals("linux-x86_64")) {
      return Optional.empty();
    }
    PythonWheel wheel =
        new PythonWheel(
            "lammps-jax-pjrt-cpu",
            "lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
            62711338,
            "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1");
    return Optional.of(
        new LibrarySet(
            PjrtBackend.NAME,
            "0.11.2",
            List.of(new Archive(wheel, "lammps_jax_pjrt_cpu/", List.of(CPU_PLUGIN)))));
  }
}
