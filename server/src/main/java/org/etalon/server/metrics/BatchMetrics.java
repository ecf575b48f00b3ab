package org.etalon.server.metrics;

import java.util.List;
import java.util.Locale;
import org.etalon.engine.status.BatchReason;
import org.etalon.engine.status.BatchSizes;
import org.etalon.engine.status.ModelStatistics;

/** How large batches were, by the reason for which they were closed. */
final class BatchMetrics {
  private static final String NAME = "etalon_inference_batch_size";

  private BatchMetrics() {}

  /** A histogram for each reason that there has been. */
  static void write(MetricsPage page, List<ModelStatistics> models) {
    page.family(NAME, "histogram", "Rows of a batch, by the reason for which it was closed");
    for (ModelStatistics model : models) {
      for (BatchReason reason : BatchReason.values()) {
        BatchSizes sizes = model.batchReasons().get(reason);
        if (sizes != null) {
          write(page, model, reason.name().toLowerCase(Locale.ROOT), sizes);
        }
      }
    }
  }

  private static void write(
      MetricsPage page, ModelStatistics model, String reason, BatchSizes sizes) {
    long upToBound = 0;
    for (int i = 0; i < BatchSizes.BOUNDS; i++) {
      upToBound += sizes.counts().get(i);
      bucket(page, model, reason, (1 << i) + ".0").value(upToBound);
    }
    bucket(page, model, reason, "+Inf").value(sizes.count());
    labels(page.line(NAME + "_sum"), model, reason).value(sizes.rows());
    labels(page.line(NAME + "_count"), model, reason).value(sizes.count());
  }

  private static MetricsPage bucket(
      MetricsPage page, ModelStatistics model, String reason, String bound) {
    return labels(page.line(NAME + "_bucket").label("le", bound), model, reason);
  }

  private static MetricsPage labels(MetricsPage line, ModelStatistics model, String reason) {
    return line.label("model", model.model())
        .label("reason", reason)
        .label("version", Long.toString(model.version()));
  }
}
