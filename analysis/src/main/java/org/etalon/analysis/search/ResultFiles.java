package org.etalon.analysis.search;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Writes a search's results: the files that its output folder is for. */
final class ResultFiles {
  private static final String FOREGROUND = "foreground.csv";
  private static final String EVENTS = "events.hdf5";
  private static final String REPORT = "report.html";
  private static final String RUN = "run.json";

  private final Findings findings;
  private final RunIdentity identity;
  private final StageClock clock;
  private final SearchProgress progress;

  ResultFiles(Findings findings, RunIdentity identity, StageClock clock, SearchProgress progress) {
    this.findings = findings;
    this.identity = identity;
    this.clock = clock;
    this.progress = progress;
  }

  void write(RunFolder folder) throws IOException {
    try (var _ = clock.begin(StageClock.Part.REPORT)) {
      Files.writeString(folder.result(FOREGROUND), ForegroundCsv.text(findings));
      EventsHdf5.write(folder.result(EVENTS), findings, identity);
      Files.writeString(folder.result(REPORT), new SearchReport(findings, progress).html());
    }
    RunJson.write(folder.result(RUN), findings, identity, clock);
    folder.publish(List.of(FOREGROUND, EVENTS, REPORT, RUN));
  }
}
