package org.etalon.benchmarks;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.Plot;
import org.etalon.benchmarks.StreamLoad.Update;

/**
 * The latency of a stream's updates by their rate: snapshotter alone, with {@code bbh}, with {@code
 * deepclean}; client and server on one machine.
 */
public final class StreamLatency {
  private static final int WARM_UP_UPDATES = 12_000;
  private static final int DEEPCLEAN_WARM_UP = 400;
  private static final int FAST_UPDATES = 15_000;
  private static final double DISCARDED_SECONDS = 0.5;
  private static final int FULL_WINDOW = 64;

  private final List<Line> curves = new ArrayList<>();
  private final ServerProcess server;
  private final ManagedChannel channel;
  private final EventLoopGroup loops;
  private final double seconds;
  private long sequence = 1;

  /** Latency over rate, for the picture. */
  private record Line(String name, List<double[]> points) {}

  private StreamLatency(ServerProcess server, double seconds) {
    this.server = server;
    this.seconds = seconds;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("load", true), EpollIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
            .eventLoopGroup(loops)
            .channelType(EpollSocketChannel.class)
            .usePlaintext()
            .directExecutor()
            .flowControlWindow(4 << 20)
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  /**
   * @param arguments the folder of examples, seconds of each row, and, if wanted, where the picture
   *     goes
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2 || arguments.length > 3) {
      System.err.println("usage: EXAMPLES SECONDS [PICTURE.svg]");
      System.exit(2);
    }
    Path folder = Files.createTempDirectory("etalon-streams");
    try (ServerProcess server =
        ServerProcess.start(StreamRepository.write(folder, Path.of(arguments[0])))) {
      StreamLatency latency = new StreamLatency(server, Double.parseDouble(arguments[1]));
      latency.warmUp();
      alone(Path.of(arguments[0]));
      latency.table();
      if (arguments.length == 3) {
        latency.curves();
        Files.writeString(Path.of(arguments[2]), latency.picture());
      }
      System.out.printf(
          Locale.ROOT,
          "%nresident: %.0f MiB (PSS); load average %.1f%n",
          server.residentMebibytes(),
          ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    } finally {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** What the networks alone take in the same minutes. */
  private static void alone(Path examples) throws Exception {
    Path bbh = examples.resolve("models/bbh/2/model.onnx");
    Path deepclean = examples.resolve("streams/deepclean/1/model.onnx");
    System.out.printf(
        Locale.ROOT,
        "ONNX Runtime alone, ms a row: bbh %.3f, in batches of 8 %.3f; deepclean %.2f%n%n",
        NetworkAlone.microsPerRow(bbh, "strain", new long[] {1, 2, 2048}) / 1e3,
        NetworkAlone.microsPerRow(bbh, "strain", new long[] {8, 2, 2048}) / 1e3,
        NetworkAlone.microsPerRow(deepclean, "witness", new long[] {1, 12, 8192}) / 1e3);
  }

  private void warmUp() throws Exception {
    for (String model : List.of("window_1", "search_1_x1", "search_1_x2")) {
      var _ = fast(model, WARM_UP_UPDATES);
    }
    for (String model : List.of("denoise_32_x1", "denoise_16_x2")) {
      var _ = fast(model, DEEPCLEAN_WARM_UP);
    }
  }

  private void table() throws Exception {
    System.out.println("| updates/s | p50, ms | p99, ms | p99.9, ms | server CPU, us an update |");
    System.out.println("|---|--:|--:|--:|--:|");
    row("1,024, window only", "window_2", 1024, 1);
    row("4,096, window only", "window_1", 4096, 1);
    row("1,024 through `bbh`", "search_2_x1", 1024, 1);
    row("2,048 through `bbh`", "search_1_x1", 2048, 1);
    row("3,072 through `bbh`", "search_1_x1", 3072, 1);
    row("3,072 through `bbh`, two instances", "search_1_x2", 3072, 1);
    row("4,096 through `bbh`", "search_1_x1", 4096, 1);
    row("4,096 through `bbh`, two instances", "search_1_x2", 4096, 1);
    row("16 streams x 64 through `bbh`", "search_32_x1", 64, 16);
    row("128 through `deepclean`", "denoise_32_x1", 128, 1);
    row("256 through `deepclean`", "denoise_16_x1", 256, 1);
    row("256 through `deepclean`, two instances", "denoise_16_x2", 256, 1);
    System.out.printf(
        Locale.ROOT,
        "| as fast as it goes, one stream through `bbh` | %,.0f/s | two instances: %,.0f/s |||%n",
        fast("search_1_x1", FAST_UPDATES),
        fast("search_1_x2", FAST_UPDATES));
  }

  private void row(String name, String model, double rate, int streams) throws Exception {
    long before = server.cpuNanos();
    long[] latencies = run(model, rate, streams);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.1f | %.0f |%n",
        name,
        part(latencies, 0.5),
        part(latencies, 0.99),
        part(latencies, 0.999),
        (server.cpuNanos() - before) / 1e3 / (rate * streams * seconds));
  }

  private void curves() throws Exception {
    curve("window only", "window_1", new int[] {512, 1024, 2048, 4096, 8192});
    curve("bbh", "search_1_x1", new int[] {512, 1024, 2048, 3072, 4096, 5120, 6144});
    curve("bbh, two instances", "search_1_x2", new int[] {1024, 2048, 3072, 4096, 5120, 6144});
  }

  private void curve(String name, String model, int[] rates) throws Exception {
    Line line = new Line(name, new ArrayList<>());
    curves.add(line);
    for (int rate : rates) {
      long[] latencies = run(model, rate, 1);
      double[] point = {rate, part(latencies, 0.5), part(latencies, 0.99)};
      line.points().add(point);
      System.err.printf(Locale.ROOT, "%s, %d/s: %.2f, %.2f ms%n", name, rate, point[1], point[2]);
    }
  }

  /** Latencies in order of size, without those of the first moments. */
  private long[] run(String model, double rate, int streams) throws Exception {
    int count = (int) (rate * seconds);
    int channels = model.startsWith("denoise") ? 12 : 2;
    int stride = Integer.parseInt(model.split("_")[1]);
    List<StreamLoad> loads = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      Update update = new Update(model, sequence++, channels, stride);
      long delayNs = (long) (i * 1e9 / rate / streams); // evenly behind each other
      loads.add(StreamLoad.atRate(channel, loops.next(), update, count, rate, delayNs));
    }
    int discarded = (int) (rate * Math.min(DISCARDED_SECONDS, seconds / 4));
    long[] all = new long[streams * (count - discarded)];
    for (int i = 0; i < streams; i++) {
      long[] latencies = await(loads.get(i));
      System.arraycopy(latencies, discarded, all, i * (count - discarded), count - discarded);
    }
    Arrays.sort(all);
    return all;
  }

  private long[] await(StreamLoad load) throws Exception {
    try {
      return load.done().get((long) (2 * seconds + 5), TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      load.giveUp();
      System.out.printf("(%d updates were answered)%n", load.answeredCount());
      return load.done().get();
    }
  }

  private double fast(String model, int count) throws Exception {
    int channels = model.startsWith("denoise") ? 12 : 2;
    int stride = Integer.parseInt(model.split("_")[1]);
    StreamLoad load =
        StreamLoad.asFastAsItGoes(
            channel,
            loops.next(),
            new Update(model, sequence++, channels, stride),
            count,
            FULL_WINDOW);
    var _ = load.done().get(90, TimeUnit.SECONDS);
    return load.rate();
  }

  private static double part(long[] sorted, double part) {
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))] / 1e6;
  }

  private String picture() {
    Plot plot =
        new Plot(
            760,
            420,
            Axis.linear("updates a second of one stream", 0, 8400),
            Axis.logarithmic("latency from when an update was due, ms", 0.1, 10_000));
    String[] colours = {"#1b7837", "#2166ac", "#b2182b"};
    for (int i = 0; i < curves.size(); i++) {
      List<double[]> points = curves.get(i).points();
      double[] rates = points.stream().mapToDouble(point -> point[0]).toArray();
      double[] medians = points.stream().mapToDouble(point -> point[1]).toArray();
      double[] tails = points.stream().mapToDouble(point -> point[2]).toArray();
      plot.line(curves.get(i).name() + ": p50", colours[i], rates, medians);
      plot.points("p99", colours[i], rates, tails).lineWithoutKey(colours[i], rates, tails);
    }
    return plot.svg();
  }
}
