package org.etalon.server.metrics;

import org.etalon.engine.status.LatencyHistogram;
import org.etalon.engine.status.StageLatencies;

/** The stages of a request, by the word for each in the names of metrics. */
enum LatencyStage {
  REQUEST("request", "From arrival to answer"),
  QUEUE("queue", "Waiting for an instance"),
  COMPUTE_INPUT("compute_input", "Gathering inputs"),
  COMPUTE_INFER("compute_infer", "In the model"),
  COMPUTE_OUTPUT("compute_output", "Handing outputs over");

  private final String word;
  private final String help;

  LatencyStage(String word, String help) {
    this.word = word;
    this.help = help;
  }

  String word() {
    return word;
  }

  String help() {
    return help;
  }

  LatencyHistogram of(StageLatencies latencies) {
    return switch (this) {
      case REQUEST -> latencies.request();
      case QUEUE -> latencies.queue();
      case COMPUTE_INPUT -> latencies.computeInput();
      case COMPUTE_INFER -> latencies.computeInfer();
      case COMPUTE_OUTPUT -> latencies.computeOutput();
    };
  }
}
