package org.etalon.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The processor, or the part of it that this process may use.
 *
 * @param name with the number of cores
 */
record Processor(String name, long memoryTotalBytes, long memoryUsedBytes) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  static Processor ofThisMachine() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int cores = Runtime.getRuntime().availableProcessors();
    long total = system.getTotalMemorySize();
    return new Processor(
        "%s, %d %s".formatted(model(), cores, cores == 1 ? "core" : "cores"),
        total,
        total - system.getFreeMemorySize());
  }

  /** Linux tells the model; elsewhere the architecture has to do. */
  private static String model() {
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(() -> System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
