package org.etalon.server.observation;

import java.util.Map;
import org.etalon.inference.Parameter;

/** A log of which there are only the settings. */
public final class FakeLog implements LogControl {
  private volatile LogSettings settings = LogSettings.standard();

  @Override
  public LogSettings settings() {
    return settings;
  }

  @Override
  public LogSettings change(Map<String, Parameter> changes) {
    settings = settings.with(changes);
    return settings;
  }
}
