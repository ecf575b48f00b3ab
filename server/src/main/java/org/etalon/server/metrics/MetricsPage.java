package org.etalon.server.metrics;

import org.etalon.engine.status.ModelStatistics;

/**
 * A page in Prometheus' text format 0.0.4, as it is being written.
 *
 * <p>Written here and not with Prometheus' client: that appends {@code _total} to the name of every
 * counter, and the protocol's dashboards ask for {@code nv_inference_request_success}.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition
 *     formats</a>
 */
final class MetricsPage {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder(16 << 10);
  private boolean hasLabels;

  /** Begins the series of a name. */
  void family(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  /** Begins a line; its labels follow in the order of their names, then its value. */
  MetricsPage line(String name) {
    text.append(name);
    hasLabels = false;
    return this;
  }

  MetricsPage label(String name, String value) {
    text.append(hasLabels ? ',' : '{').append(name).append("=\"");
    escape(value);
    text.append('"');
    hasLabels = true;
    return this;
  }

  /** The labels of a line that stands for a version and nothing else. */
  MetricsPage of(ModelStatistics model) {
    return label("model", model.model()).label("version", Long.toString(model.version()));
  }

  void value(long value) {
    endLabels().append(value).append('\n');
  }

  void value(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      value((long) value);
    } else {
      endLabels().append(number(value)).append('\n');
    }
  }

  /** Every form of Java's is one that Prometheus reads, but for the infinities. */
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.toString(value);
  }

  private StringBuilder endLabels() {
    return text.append(hasLabels ? "} " : " ");
  }

  private void escape(String label) {
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
