package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what the rules find wrong in one configuration. Owned by one thread. */
final class FaultList {
  private final ParsedConfig parsed;
  private final List<ConfigFault> faults = new ArrayList<>();

  FaultList(ParsedConfig parsed) {
    this.parsed = parsed;
  }

  /**
   * @param path of the field to blame, such as {@code input[0].dims}
   * @param message what it is and what is expected
   */
  void add(String path, String message) {
    faults.add(parsed.fault(path, message));
  }

  List<ConfigFault> all() {
    return List.copyOf(faults);
  }
}
