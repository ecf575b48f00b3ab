package org.etalon.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etalon.analysis.denoise.DenoiseConfig;
import org.etalon.analysis.denoise.DenoiseProgressListener;
import org.etalon.analysis.denoise.DenoiseSettings;
import org.etalon.analysis.denoise.FrameLatency;
import org.etalon.analysis.denoise.LiveDenoise;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;

/**
 * Live denoising of frames of a second that appear faster than time, while its server is killed
 * with SIGKILL again and again and started anew; then the same frames, undisturbed, with the engine
 * in this process. Every second has to be there, once, with the same bytes.
 */
public final class LiveKills {
  private static final int RATE = 4096;
  private static final int WITNESSES = 12;
  private static final long START = 1_262_304_000;
  private static final String STRAIN = "H1:STRAIN";

  private final Path folder;
  private final Path examples;
  private final int seconds;
  private final double speed;
  private final int killEverySeconds;
  private final List<Double> latencies = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private int kills;

  private LiveKills(Path folder, Path examples, String[] arguments) {
    this.folder = folder;
    this.examples = examples;
    this.seconds = Integer.parseInt(arguments[1]);
    this.speed = Double.parseDouble(arguments[2]);
    this.killEverySeconds = Integer.parseInt(arguments[3]);
  }

  /**
   * Takes the folder of examples, seconds of data, times real time, seconds of data a kill, and a
   * folder for the frames (30 KB and 430 KB a second of data), which stays. A second run with the
   * same folder only compares.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 5) {
      System.err.println("usage: EXAMPLES SECONDS SPEED KILL_EVERY FOLDER");
      System.exit(2);
    }
    new LiveKills(Path.of(arguments[4]), Path.of(arguments[0]), arguments).run();
  }

  private void run() throws Exception {
    if (!Files.exists(folder.resolve("disturbed/run.json"))) {
      Files.createDirectories(folder.resolve("raw"));
      copyNetwork();
      disturbed(ServerProcess.start(models()));
    }
    long start = System.nanoTime();
    EngineConfig config = EngineConfig.of(List.of(models()));
    try (Engine engine = Engine.start(config, Engine.installedBackends())) {
      denoise("undisturbed", engine, (_, _, _) -> {});
    }
    System.out.printf(Locale.ROOT, "undisturbed: %.0f s%n", (System.nanoTime() - start) / 1e9);
    compare();
  }

  private Path models() {
    return folder.resolve("models");
  }

  private void copyNetwork() throws IOException {
    Path version = Files.createDirectories(models().resolve("deepclean/1"));
    Files.copy(examples.resolve("streams/deepclean/1/model.onnx"), version.resolve("model.onnx"));
    Files.copy(
        examples.resolve("streams/deepclean/config.pbtxt"),
        models().resolve("deepclean/config.pbtxt"));
  }

  private void disturbed(ServerProcess first) throws Exception {
    ClientConfig server = ClientConfig.of(first.url());
    Thread writer = Thread.ofPlatform().start(this::writeFrames);
    Thread killer = Thread.ofPlatform().start(() -> kill(first));
    DenoiseProgressListener listener =
        new DenoiseProgressListener() {
          @Override
          public void written(Segment frame, double done, double total) {
            // told by late()
          }

          @Override
          public void late(FrameLatency latency) {
            latencies.add(latency.seconds());
          }
        };
    try (EtalonClient client = EtalonClient.open(server)) {
      denoise("disturbed", client, listener);
    } finally {
      isOver.set(true);
      killer.join();
      writer.join();
    }
    latencies.sort(null);
    System.out.printf(
        Locale.ROOT,
        "%d kills; %d frames live, latency p50 %.3f, p99 %.3f, largest %.3f s; gaps told: %s%n",
        kills,
        latencies.size(),
        latencies.get(latencies.size() / 2),
        latencies.get(latencies.size() * 99 / 100),
        latencies.getLast(),
        gaps);
  }

  private void denoise(String output, InferenceService service, DenoiseProgressListener listener)
      throws IOException, InterruptedException {
    List<String> witnesses = new ArrayList<>();
    for (int i = 0; i < WITNESSES; i++) {
      witnesses.add("H1:WITNESS_" + i);
    }
    DenoiseConfig config =
        new DenoiseConfig(
            List.of(folder.resolve("raw")),
            Optional.of(STRAIN),
            List.of(folder.resolve("raw")),
            witnesses,
            ModelId.of("deepclean"),
            DenoiseConfig.USUAL_RULE,
            folder.resolve(output),
            DenoiseSettings.live());
    LiveSettings live =
        LiveSettings.defaults()
            .from(GpsTime.ofSeconds(START))
            .until(GpsTime.ofSeconds(START + seconds));
    LiveDenoise.run(config, live, service, listener, new Gaps());
  }

  /** Kills the server at its times and starts another on its port. */
  private void kill(ServerProcess first) {
    ServerProcess server = first;
    long beganNs = System.nanoTime();
    try {
      while (!isOver.get()) {
        double atSeconds = (kills + 1) * killEverySeconds / speed;
        if (System.nanoTime() - beganNs < atSeconds * 1e9 || atSeconds * speed >= seconds) {
          Thread.sleep(20);
          continue;
        }
        server.kill();
        kills++;
        server = ServerProcess.start(first.grpcPort(), models());
      }
      server.close();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void writeFrames() {
    long beganNs = System.nanoTime();
    try {
      for (int second = 0; second < seconds && !isOver.get(); second++) {
        long waitNs = beganNs + (long) (second / speed * 1e9) - System.nanoTime();
        if (waitNs > 0) {
          Thread.sleep(waitNs / 1_000_000);
        }
        write(second);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(int second) throws IOException {
    Segment span = Segment.ofSeconds(START + second, START + second + 1);
    Random random = new Random(second);
    List<ChannelData> channels = new ArrayList<>();
    for (int c = 0; c <= WITNESSES; c++) {
      double scale = c == 0 ? 1e-21 : 1;
      double[] samples = new double[RATE];
      for (int i = 0; i < RATE; i++) {
        double line = Math.cos(2 * Math.PI * 60 * i / RATE + c);
        samples[i] = scale * (line + random.nextDouble() - 0.5);
      }
      channels.add(channel(c == 0 ? STRAIN : "H1:WITNESS_" + (c - 1), span, samples));
    }
    Path file = folder.resolve("raw").resolve("H-H1_LIVE-%d-1.gwf".formatted(START + second));
    try (FrameWriter writer = FrameWriter.create(file, FramePacking.RAW)) {
      writer.write(span, channels);
      writer.finish();
    }
  }

  private static ChannelData channel(String name, Segment span, double[] samples) {
    MemorySegment values = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    MemorySegment.copy(samples, 0, values, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, samples.length);
    ChannelInfo info =
        new ChannelInfo(name, ChannelInfo.Kind.PROC, SampleType.FLOAT64, RATE, "", List.of(span));
    return new ChannelData(info, values);
  }

  private void compare() throws IOException {
    Path disturbed = folder.resolve("disturbed/frames");
    int same = 0;
    int missing = 0;
    List<Path> expected;
    try (var files = Files.list(folder.resolve("undisturbed/frames"))) {
      expected = files.sorted().toList();
    }
    for (Path file : expected) {
      Path other = disturbed.resolve(file.getFileName().toString());
      if (!Files.exists(other)) {
        missing++;
      } else if (Arrays.equals(Files.readAllBytes(file), Files.readAllBytes(other))) {
        same++;
      }
    }
    long written;
    try (var files = Files.list(disturbed)) {
      written = files.count();
    }
    System.out.printf(
        "%d s of data: %d frames expected, %d written, %d missing, %d of the same bytes%n",
        seconds, expected.size(), written, missing, same);
  }

  private final class Gaps implements LiveListener {
    @Override
    public void missing(Segment span) {
      gaps.add("missing " + span);
    }

    @Override
    public void skipped(Segment span) {
      gaps.add("skipped " + span);
    }

    @Override
    public void late(Path path) {
      gaps.add("late " + path);
    }

    @Override
    public void unreadable(Path path, String reason) {
      gaps.add(path + ": " + reason);
    }
  }
}
