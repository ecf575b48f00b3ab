package org.etalon.server.metrics;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;

/**
 * How busy this machine, or the container that is all we see of it, is.
 *
 * @param cpuUtilization 0 to 1 over all processors; empty where the system does not tell
 */
record Machine(OptionalDouble cpuUtilization, long memoryTotalBytes, long memoryUsedBytes) {
  static Machine now() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double load = system.getCpuLoad();
    long total = system.getTotalMemorySize();
    return new Machine(
        load >= 0 ? OptionalDouble.of(load) : OptionalDouble.empty(),
        total,
        total - system.getFreeMemorySize());
  }
}
