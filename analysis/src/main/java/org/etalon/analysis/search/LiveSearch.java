package org.etalon.analysis.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.inference.InferenceService;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.source.LiveFolder;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.etalon.strain.source.LiveSource;
import org.etalon.strain.source.StrainChunk;
import org.jspecify.annotations.Nullable;

/**
 * Searches the strain of two detectors as its files appear. What {@link Search} does with strain
 * that is all there, done with what has come: whitened with the PSD of what has passed, scored,
 * averaged, clustered; time slides pair what is new of the first detector with what the second had
 * before, after zero lag is done.
 *
 * <p>{@code candidates.jsonl} gets a line as soon as a score's average has passed its maximum,
 * {@code foreground.csv} one when nothing louder can come within the cluster time. Run again after
 * it was stopped, a search goes on behind what it has done, as long as the files that its state
 * depends on are still there.
 *
 * <p>Owned by one thread, which does all the work but the model's.
 */
public final class LiveSearch {
  /** Where nothing else is asked for. */
  private static final int USUAL_SLIDES = 32;

  /** How often progress is noted, in time of the data. */
  private static final long NOTE_NS = 8 * GpsTime.NS_PER_SECOND;

  private final SearchConfig config;
  private final LiveSettings live;
  private final LiveSearchListener listener;
  private final SearchSettings settings;
  private final int slides;
  private final LiveWhitening whitening;
  private final MergerTime mergerTime;

  @SuppressWarnings("NullAway.Init") // opened before anything is searched
  private LiveOutput output;

  @SuppressWarnings("NullAway.Init")
  private LiveBackground background;

  private OptionalLong repeatedNs = OptionalLong.empty();
  private @Nullable LiveStretch stretch;
  private @Nullable Told told;
  private long stretchNs;
  private long chainNs;
  private long doneNs;
  private long notedNs;
  private long livetimeNs;
  private long candidates;
  private long readNs;

  /** The latest candidate that was told within the moment. */
  private record Told(Trigger trigger, long gpsNs) {}

  private LiveSearch(SearchConfig config, LiveSettings live, LiveSearchListener listener) {
    this.config = config;
    this.live = live;
    this.listener = listener;
    this.settings = config.settings();
    this.slides = settings.slides().orElse(USUAL_SLIDES);
    this.whitening = new LiveWhitening(settings);
    this.mergerTime = new MergerTime(settings, config.ifos());
  }

  /**
   * Follows the detectors' folders until the live settings' end, or until the thread is
   * interrupted.
   *
   * @param config each detector with one folder and a named channel
   * @param gaps told of what is missing, late or unreadable
   * @throws IOException if the output folder is in use or cannot be written, or the strain does not
   *     fit
   * @throws org.etalon.inference.ServingException if the model does not fit or fails
   * @throws InterruptedException what was written stays, for the next run to go on from
   * @throws IllegalArgumentException if the config is none for live strain
   */
  public static LiveSearchResult run(
      SearchConfig config,
      LiveSettings live,
      InferenceService service,
      LiveSearchListener listener,
      LiveListener gaps)
      throws IOException, InterruptedException {
    return new LiveSearch(config, live, listener).run(service, gaps);
  }

  private LiveSearchResult run(InferenceService service, LiveListener gaps)
      throws IOException, InterruptedException {
    List<LiveFolder> folders = config.detectors().stream().map(LiveSearch::folder).toList();
    if (config.analysed().isPresent()) {
      throw new IllegalArgumentException(
          "analysed: %s (expected live: none)".formatted(config.analysed().get().segments()));
    }
    ScoringModel model = ScoringModel.of(service, config.model(), settings);
    try (LiveOutput opened = LiveOutput.open(config.output(), identity(model), config.ifos())) {
      output = opened;
      Optional<LiveOutput.Progress> earlier = opened.earlier();
      earlier.ifPresent(this::resume);
      background =
          new LiveBackground(
              earlier.map(LiveOutput.Progress::counts).orElse(Map.of()),
              earlier.map(LiveOutput.Progress::backgroundNs).orElse(0L));
      LiveSettings from = earlier.isPresent() ? live.from(earlier.get().restartNs()) : live;
      follow(folders, from, service, model, gaps);
      opened.writeBackground(background.counts(), background.livetimeNs());
    }
    return new LiveSearchResult(
        candidates, livetimeNs / 1e9, background.livetimeNs() / 1e9, config.output());
  }

  private static LiveFolder folder(DetectorStrain detector) {
    if (detector.files().size() != 1 || detector.channel().isEmpty()) {
      throw new IllegalArgumentException(
          "%s: files %s, channel %s (expected live: one folder and the channel's name)"
              .formatted(detector.ifo(), detector.files(), detector.channel().orElse("none")));
    }
    return new LiveFolder(detector.files().getFirst(), List.of(detector.channel().get()));
  }

  private List<String> identity(ScoringModel model) {
    List<String> lines = new ArrayList<>();
    lines.add("live search");
    lines.add("model: " + model.id());
    for (DetectorStrain detector : config.detectors()) {
      lines.add("channel of " + detector.ifo() + ": " + detector.channel().orElse(""));
    }
    RunIdentity.settings(settings, slides).forEach((key, value) -> lines.add(key + ": " + value));
    return lines;
  }

  private void resume(LiveOutput.Progress earlier) {
    repeatedNs = OptionalLong.of(earlier.doneNs());
    notedNs = earlier.doneNs();
    livetimeNs = earlier.livetimeNs();
    candidates = earlier.candidates();
  }

  private void follow(
      List<LiveFolder> folders,
      LiveSettings from,
      InferenceService service,
      ScoringModel model,
      LiveListener gaps)
      throws IOException, InterruptedException {
    try (LiveSource source = LiveSource.open(folders, from, gaps);
        var scorer = new WindowScorer(service, model, settings, new StageClock())) {
      for (Optional<StrainChunk> next = source.next(); next.isPresent(); next = source.next()) {
        readNs = System.nanoTime();
        for (StrainChunk chunk : divided(next.get())) {
          search(chunk, scorer);
        }
      }
      note(); // before the end: a later run with a later end goes on as if there had been none
      endStretch(true);
    }
  }

  /** Cut where an earlier run had ended, so that each part is done anew or is not. */
  private List<StrainChunk> divided(StrainChunk chunk) {
    Segment span = chunk.span();
    if (repeatedNs.isEmpty() || !span.contains(repeatedNs.getAsLong() - 1)) {
      return List.of(chunk);
    }
    long at = repeatedNs.getAsLong();
    return at == span.endNs()
        ? List.of(chunk)
        : List.of(
            crop(chunk, new Segment(span.startNs(), at)),
            crop(chunk, new Segment(at, span.endNs())));
  }

  private static StrainChunk crop(StrainChunk chunk, Segment span) {
    List<TimeSeries> channels = chunk.channels().stream().map(c -> c.crop(span)).toList();
    return new StrainChunk(span, channels);
  }

  private void search(StrainChunk chunk, WindowScorer scorer) throws IOException {
    if (whitening.isGapBefore(chunk)) {
      beginStretch(chunk);
    }
    LiveStretch growing = stretch;
    if (growing == null) {
      throw new IllegalStateException("no stretch");
    }
    growing.push(whitening.push(chunk));
    boolean isNew = chunk.span().endNs() > repeatedNs.orElse(Long.MIN_VALUE);
    doneNs = chunk.span().endNs();
    int averages = growing.averages();
    long slideAverages = growing.slideAverages();
    for (Trigger trigger : growing.scoreZeroLag(scorer)) {
      found(growing, trigger, isNew);
    }
    if (isNew) {
      listener.searched(chunk.span(), latencySeconds());
    }
    List<Trigger> slid = growing.scoreSlides(scorer);
    List<Trigger> settled = growing.foreground().settle(growing.nextWindow());
    if (isNew) {
      livetimeNs += (growing.averages() - averages) * settings.strideNs();
      background.addLivetime((growing.slideAverages() - slideAverages) * settings.strideNs());
      slid.forEach(trigger -> background.add(trigger.statistic()));
      write(growing, settled);
      if (doneNs - notedNs >= NOTE_NS) {
        note();
      }
    }
  }

  private void beginStretch(StrainChunk first) throws IOException {
    long restartNs = restartNs();
    endStretch(first.span().endNs() > repeatedNs.orElse(Long.MIN_VALUE));
    boolean isChained = whitening.begin(first);
    stretchNs = first.span().startNs();
    chainNs = isChained ? restartNs : stretchNs;
    stretch = new LiveStretch(settings, mergerTime, slides, whitening.validNs());
  }

  private void endStretch(boolean isNew) throws IOException {
    LiveStretch ending = stretch;
    if (ending == null) {
      return;
    }
    for (Trigger trigger : ending.lastAtZeroLag()) {
      found(ending, trigger, isNew);
    }
    List<Trigger> slid = ending.endSlides();
    if (isNew) {
      slid.forEach(trigger -> background.add(trigger.statistic()));
      write(ending, ending.foreground().end());
    }
    stretch = null;
    told = null;
  }

  /** Tells of a local maximum if nothing as loud is near, so far. */
  private void found(LiveStretch growing, Trigger trigger, boolean isNew) throws IOException {
    boolean isLoudest = growing.foreground().isLoudest(trigger);
    growing.foreground().add(trigger);
    if (!isLoudest) {
      return;
    }
    LiveStretch.Estimate estimate = growing.estimate(trigger);
    Told weaker = told;
    told = new Told(trigger, estimate.gpsNs());
    if (isNew) {
      LiveCandidate candidate =
          new LiveCandidate(
              estimate.gpsNs(),
              estimate.detectorGpsNs(),
              trigger.statistic(),
              estimate.peakScore(),
              significance(trigger),
              weaker != null && isNear(weaker.trigger, trigger)
                  ? OptionalLong.of(weaker.gpsNs)
                  : OptionalLong.empty(),
              doneNs,
              latencySeconds());
      output.candidate(candidate);
      listener.candidate(candidate);
    }
  }

  private boolean isNear(Trigger a, Trigger b) {
    return (b.window() - a.window()) * settings.strideNs()
        < GpsTime.ofSeconds(settings.clusterSeconds());
  }

  private void write(LiveStretch from, List<Trigger> settled) throws IOException {
    for (Trigger trigger : settled) {
      output.settled(from.estimate(trigger), trigger.statistic(), significance(trigger));
      candidates++;
    }
  }

  private Optional<LiveCandidate.Significance> significance(Trigger trigger) {
    return background.livetimeNs() == 0
        ? Optional.empty()
        : Optional.of(background.significance(trigger.statistic(), livetimeNs));
  }

  private double latencySeconds() {
    return (System.nanoTime() - readNs) / 1e9;
  }

  private void note() throws IOException {
    if (doneNs > repeatedNs.orElse(Long.MIN_VALUE)) {
      output.note(
          new LiveOutput.Progress(
              doneNs,
              restartNs(),
              candidates,
              livetimeNs,
              background.livetimeNs(),
              background.counts()));
      notedNs = doneNs;
      listener.noted(restartNs());
    }
  }

  /** Where a run that begins with nothing comes to the same from here on. */
  private long restartNs() {
    double recent =
        settings.kernelSeconds() + settings.integrationSeconds() + 4 * settings.clusterSeconds();
    long memory =
        whitening.memorySeconds() + (long) slides * settings.shiftSeconds() + (long) recent + 1;
    long back = doneNs - GpsTime.ofSeconds(memory) - stretchNs;
    long grid = GpsTime.ofSeconds((long) settings.fftSeconds());
    return back <= 0 ? chainNs : stretchNs + back / grid * grid;
  }
}
