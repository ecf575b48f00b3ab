package org.etalon.analysis.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;

/**
 * Searches the strain of two detectors for mergers, with a model that scores whitened strain.
 *
 * <p>Strain common to both is whitened, cut into windows and scored; scores are averaged,
 * clustered, and become events. The same with the second detector's strain offset by seconds, as no
 * signal can be, tells how often noise does as much. The result is written to the output folder:
 * {@code foreground.csv}, {@code events.hdf5}, {@code report.html} and {@code run.json}, whose
 * times are the only thing that differs between two runs. Run again after it was stopped, a search
 * goes on after the last slide it finished.
 *
 * <p>Owned by one thread, which does all the work but the model's.
 */
public final class Search {
  /** Where nothing else is asked for, and the strain is long enough. */
  private static final int USUAL_SLIDES = 32;

  private final SearchConfig config;
  private final InferenceService service;
  private final SearchProgress progress;
  private final StageClock clock = new StageClock();

  private Search(SearchConfig config, InferenceService service, SearchProgress progress) {
    this.config = config;
    this.service = service;
    this.progress = progress;
  }

  /**
   * Searches, and writes the result.
   *
   * @param service borrowed; asked for one model alone
   * @throws IOException if a file cannot be read or has too little, or the output folder is in use;
   *     an {@link java.io.InterruptedIOException} if the thread is interrupted
   * @throws ServingException if the model does not fit or fails; names it and the windows
   * @throws IllegalArgumentException if there are fewer different slides than asked for
   */
  public static SearchResult run(
      SearchConfig config, InferenceService service, SearchProgress progress) throws IOException {
    return new Search(config, service, progress).run();
  }

  private SearchResult run() throws IOException {
    ScoringModel model = ScoringModel.of(service, config.model(), config.settings());
    List<StrainSource> sources = openSources();
    List<Ring> rings = CommonTime.rings(sources, config);
    int slides = slides(rings);
    requireLivetime(rings, slides);
    RunIdentity identity = RunIdentity.of(config, model, sources, slides);
    RunFolder folder = RunFolder.open(config.output(), identity);
    Findings findings = findings(model, sources, rings, slides, folder);
    new ResultFiles(findings, identity, clock, progress).write(folder);
    return findings.result();
  }

  private List<StrainSource> openSources() throws IOException {
    var conditioner = new Conditioner(config.settings());
    long total = config.detectors().stream().mapToLong(detector -> detector.files().size()).sum();
    var count = new Count(SearchProgress.Stage.READING, total);
    List<StrainSource> sources = new ArrayList<>();
    try (var _ = clock.begin(StageClock.Part.READING)) {
      for (DetectorStrain detector : config.detectors()) {
        StrainSource source = StrainSource.open(detector, () -> count.add(1));
        conditioner.requireRate(source);
        sources.add(source);
      }
    }
    return sources;
  }

  private int slides(List<Ring> rings) {
    int longest = rings.stream().mapToInt(Ring::size).max().orElseThrow();
    int most = (longest - 1) / config.settings().shiftSamples();
    int asked = config.settings().slides().orElse(Math.min(USUAL_SLIDES, most));
    if (asked > most || asked < 1) {
      throw new IllegalArgumentException(
          "slides: %d (expected: 1 to %d different ones, %d s apart within %s)"
              .formatted(
                  asked,
                  most,
                  config.settings().shiftSeconds(),
                  rings.stream().map(Ring::whitened).toList()));
    }
    return asked;
  }

  /**
   * Refuses strain in which averages of scores do not fit, before hours are spent on it.
   *
   * @throws IOException saying how long the strain is
   */
  private void requireLivetime(List<Ring> rings, int slides) throws IOException {
    long ownNs = 0;
    long backgroundNs = 0;
    for (Ring ring : rings) {
      for (TimeSlide slide : slides(ring, slides)) {
        SearchSettings settings = config.settings();
        long ns = slide.livetimeNs(settings.integrationSize(), settings.sampleRateHz());
        ownNs += slide.number() == 0 ? ns : 0;
        backgroundNs += slide.number() == 0 ? 0 : ns;
      }
    }
    if (ownNs == 0 || backgroundNs == 0) {
      throw new IOException(
          "strain too short: kernels of %s s averaged over %s s do not fit, with a time slide, in whitened %s"
              .formatted(
                  config.settings().kernelSeconds(),
                  config.settings().integrationSeconds(),
                  rings.stream().map(Ring::whitened).toList()));
    }
  }

  private Findings findings(
      ScoringModel model,
      List<StrainSource> sources,
      List<Ring> rings,
      int slides,
      RunFolder folder)
      throws IOException {
    var conditioner = new Conditioner(config.settings());
    var candidates = new Candidates(config.settings(), config.ifos());
    long blocks = rings.stream().mapToLong(conditioner::blocks).sum() * sources.size();
    long windows = rings.stream().mapToLong(ring -> windows(ring, slides)).sum();
    var whitened = new Count(SearchProgress.Stage.WHITENING, blocks);
    var scored = new Count(SearchProgress.Stage.SCORING, windows);
    try (var scorer = new WindowScorer(service, model, config.settings(), clock)) {
      for (Ring ring : rings) {
        WhiteStrain strain = whiten(conditioner, sources, ring, whitened);
        for (TimeSlide slide : slides(ring, slides)) {
          float[] scores = scores(scorer, folder, strain, slide, scored);
          try (var _ = clock.begin(StageClock.Part.EVENTS)) {
            candidates.add(strain, slide, scores);
          }
        }
      }
    }
    Background background = candidates.background();
    List<SearchEvent> events = candidates.events(background);
    return new Findings(
        config,
        model,
        sources,
        rings,
        slides,
        windows,
        candidates.livetimeNs(),
        background,
        events,
        candidates.pictured(events, background),
        candidates.tracks());
  }

  private WhiteStrain whiten(
      Conditioner conditioner, List<StrainSource> sources, Ring ring, Count count)
      throws IOException {
    try (var _ = clock.begin(StageClock.Part.WHITENING)) {
      List<float[]> white = new ArrayList<>();
      for (StrainSource source : sources) {
        white.add(conditioner.whiten(source, ring, () -> count.add(1)));
      }
      return new WhiteStrain(ring, List.copyOf(white));
    }
  }

  private static float[] scores(
      WindowScorer scorer, RunFolder folder, WhiteStrain strain, TimeSlide slide, Count count)
      throws IOException {
    var saved = folder.scores(strain.ring(), slide);
    if (saved.isPresent()) {
      count.add(saved.get().length);
      return saved.get();
    }
    float[] scores = scorer.score(strain, slide, count::add);
    folder.saveScores(strain.ring(), slide, scores);
    return scores;
  }

  /** Zero lag first, then those slides that the ring is long enough for. */
  private List<TimeSlide> slides(Ring ring, int slides) {
    List<TimeSlide> all = new ArrayList<>();
    for (int k = 0; k <= slides && TimeSlide.fits(k, ring, config.settings()); k++) {
      all.add(TimeSlide.of(k, ring, config.settings()));
    }
    return all;
  }

  private long windows(Ring ring, int slides) {
    return slides(ring, slides).stream().mapToLong(TimeSlide::windows).sum();
  }

  /** How far a stage is. */
  private final class Count {
    private final SearchProgress.Stage stage;
    private final long total;
    private long done;

    Count(SearchProgress.Stage stage, long total) {
      this.stage = stage;
      this.total = total;
    }

    void add(int more) {
      done += more;
      progress.update(stage, done, total);
    }
  }
}
