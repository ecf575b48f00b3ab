package org.etalon.cli;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on stderr, or nothing where stderr is no terminal. Owned by one thread. */
final class ConsoleBar implements AutoCloseable {
  private static final Duration REFRESH = Duration.ofMillis(200);

  private final String task;
  private final String unit;
  private final boolean isShown;
  private @Nullable ProgressBar bar;
  private boolean isStarted;

  private ConsoleBar(String task, String unit, boolean isShown) {
    this.task = task;
    this.unit = unit;
    this.isShown = isShown;
  }

  static ConsoleBar none() {
    return new ConsoleBar("", "", false);
  }

  /**
   * @param unit what is counted, such as {@code rows}
   */
  static ConsoleBar open(String task, String unit) {
    return new ConsoleBar(task, unit, isTerminal());
  }

  /** The launcher knows whether stderr is a terminal; Java does not. */
  static boolean isTerminal() {
    return Boolean.getBoolean("etalon.stderr.isTerminal");
  }

  /**
   * @param done of the total; the first call says what an earlier run did, which counts in no rate
   * @param total -1 if it is not known
   * @param extra shown behind
   */
  void show(long done, long total, String extra) {
    if (!isShown) {
      return;
    }
    if (!isStarted) {
      isStarted = true;
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setUnit(" " + unit, 1)
              .setInitialMax(total)
              .startsFrom(done, Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis((int) REFRESH.toMillis())
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .showSpeed()
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(extra);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
