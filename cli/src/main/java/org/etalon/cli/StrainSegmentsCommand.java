package org.etalon.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.segments.NamedSegments;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon strain segments}. */
@Command(
    name = "segments",
    description = {
      "Prints data-quality segments: LIGO_LW XML, text lists, the masks in strain files.",
      "FILE#NAME takes one list of a file, as in O1.xml#H1:DMT-ANALYSIS_READY or H1.hdf5#CBC_CAT1. With --combine or --veto, or without any list named, --json and the table give start, end and duration in GPS seconds."
    },
    mixinStandardHelpOptions = true)
final class StrainSegmentsCommand implements Callable<Integer> {
  /** How several lists become one. */
  enum Combination {
    UNION,
    INTERSECTION
  }

  @Spec private @Nullable CommandSpec command;

  @Parameters(arity = "1..*", paramLabel = "FILE[#NAME]", description = "Lists of segments.")
  private List<String> lists = new ArrayList<>();

  @Option(names = "--combine", description = "One list: their ${COMPLETION-CANDIDATES}.")
  private @Nullable Combination combination;

  @Option(
      names = "--veto",
      paramLabel = "FILE[#NAME]",
      description = "One list: without the times of this one.")
  private List<String> vetoes = new ArrayList<>();

  @Option(
      names = "--at-least",
      paramLabel = "SECONDS",
      description = "Leave out segments that are shorter.")
  private String atLeast = "0";

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() throws IOException {
    long shortestNs = WrongUsage.unlessAccepted(command, () -> GpsTime.parse(atLeast));
    TextTable table = new TextTable("list", "start", "end", "duration");
    for (NamedSegments list : wanted()) {
      for (Segment segment : list.active().atLeast(shortestNs).segments()) {
        table.row(
            list.name(),
            GpsTime.format(segment.startNs()),
            GpsTime.format(segment.endNs()),
            GpsTime.format(segment.durationNs()));
      }
    }
    table.print(asJson);
    return 0;
  }

  private List<NamedSegments> wanted() throws IOException {
    List<NamedSegments> all = new ArrayList<>();
    for (String list : lists) {
      SegmentArgument argument = SegmentArgument.of(list);
      all.addAll(argument.lists());
    }
    if (combination == null && vetoes.isEmpty()) {
      return all;
    }
    SegmentList one = combined(all);
    for (String veto : vetoes) {
      one = one.subtract(SegmentArgument.of(veto).read());
    }
    return List.of(new NamedSegments("combined", one, Optional.empty()));
  }

  private SegmentList combined(List<NamedSegments> all) {
    if (combination == null && all.size() > 1) {
      throw WrongUsage.of(
          command, "%d lists (expected: one, or --combine to make them one)".formatted(all.size()));
    }
    SegmentList one = all.getFirst().active();
    for (NamedSegments list : all) {
      one =
          combination == Combination.INTERSECTION
              ? one.intersection(list.active())
              : one.union(list.active());
    }
    return one;
  }
}
