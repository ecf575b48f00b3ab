package org.etalon.feeds.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.feed.AlertSink;
import org.etalon.strain.feed.Feed;
import org.etalon.strain.feed.FrameDelivery;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.source.LiveFolder;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.etalon.strain.source.LiveSource;
import org.etalon.strain.source.StrainChunk;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against one real broker; topics are the tests' own. */
class KafkaFeedTest {
  private static final int START = 1_300_000_000;
  private static final int RATE = 16;

  @TempDir private static Path brokerFolder;

  @SuppressWarnings("NullAway.Init") // started before all tests
  private static Broker broker;

  @TempDir private Path folder;
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final LiveListener listener =
      new LiveListener() {
        @Override
        public void missing(Segment span) {
          told.add("missing " + (span.startNs() / GpsTime.NS_PER_SECOND - START));
        }

        @Override
        public void skipped(Segment span) {
          told.add("skipped " + span);
        }

        @Override
        public void late(Path path) {
          told.add("late");
        }

        @Override
        public void unreadable(Path path, String reason) {
          told.add(path + ": " + reason);
        }
      };

  @BeforeAll
  static void startTheBroker() throws Exception {
    broker = Broker.start(brokerFolder);
  }

  @AfterAll
  static void stopTheBroker() {
    broker.close();
  }

  /** A second of a channel, whose samples say which second it is. */
  private byte[] frame(String channel, int second) throws IOException {
    return frame(channel, second, 1);
  }

  private byte[] frame(String channel, int second, int seconds) throws IOException {
    Segment span = Segment.ofSeconds(START + second, START + second + seconds);
    double[] samples = new double[RATE * seconds];
    java.util.Arrays.fill(samples, second);
    MemorySegment values = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    MemorySegment.copy(samples, 0, values, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, samples.length);
    ChannelInfo info =
        new ChannelInfo(
            channel, ChannelInfo.Kind.PROC, SampleType.FLOAT64, RATE, "", List.of(span));
    Path file = Files.createTempFile(brokerFolder, "frame", ".gwf");
    Files.delete(file);
    try (FrameWriter writer = FrameWriter.create(file, FramePacking.GZIP)) {
      writer.write(span, List.of(new ChannelData(info, values)));
      writer.finish();
    }
    return Files.readAllBytes(file);
  }

  private void send(String topic, String channel, int... seconds) throws Exception {
    for (int second : seconds) {
      broker.send(topic, channel.substring(0, 2), frame(channel, second));
    }
  }

  private FrameDelivery frames(String address, Path into) throws IOException {
    Files.createDirectories(into);
    URI uri = broker.uri(address);
    return Feed.of(uri).frames(uri, into, listener, failure -> told.add("failed " + failure));
  }

  private LiveSource source(Path from, int start, int end, String... channels) {
    LiveSettings settings =
        LiveSettings.defaults()
            .withPatience(Duration.ofMillis(300))
            .from(GpsTime.ofSeconds(START + start))
            .until(GpsTime.ofSeconds(START + end));
    List<LiveFolder> folders =
        java.util.Arrays.stream(channels).map(c -> new LiveFolder(from, List.of(c))).toList();
    return LiveSource.open(folders, settings, listener);
  }

  private static List<Integer> seconds(LiveSource source) throws Exception {
    List<Integer> seconds = new ArrayList<>();
    try (source) {
      for (Optional<StrainChunk> next = source.next(); next.isPresent(); next = source.next()) {
        for (var channel : next.get().channels()) {
          assertThat(channel.samples())
              .containsOnly((double) (channel.startNs() / GpsTime.NS_PER_SECOND - START))
              .hasSize(RATE);
        }
        seconds.add((int) (next.get().span().startNs() / GpsTime.NS_PER_SECOND - START));
      }
    }
    return seconds;
  }

  @SuppressWarnings("BusyWait") // for a broker's answer, which nobody tells of
  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void framesOfTwoDetectorsComeThroughOneTopicAsTheyWereSent() throws Exception {
    broker.topic("strain", 2);
    try (FrameDelivery delivery = frames("strain?from=earliest", folder)) {
      for (int second = 0; second < 6; second++) {
        send("strain", "H1:STRAIN", second);
        send("strain", "L1:STRAIN", second);
      }
      assertThat(seconds(source(folder, 0, 6, "H1:STRAIN", "L1:STRAIN")))
          .containsExactly(0, 1, 2, 3, 4, 5);
      delivery.done(GpsTime.ofSeconds(START));
    }
    assertThat(told).isEmpty();
  }

  @Test
  void whatIsBrokenTwiceOverlappingLateOrMissingHarmsNothingElse() throws Exception {
    broker.topic("rough", 1);
    try (FrameDelivery _ = frames("rough?from=earliest", folder)) {
      broker.send("rough", "H1", "no frame".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      send("rough", "H1:STRAIN", 0, 1, 1, 2);
      broker.send("rough", "H1", frame("H1:STRAIN", 2, 2));
      send("rough", "H1:OTHER", 3);
      byte[] whole = frame("H1:STRAIN", 3);
      broker.send("rough", "H1", java.util.Arrays.copyOf(whole, whole.length / 2));
      send("rough", "H1:STRAIN", 5, 4, 8, 6, 9);
      assertThat(seconds(source(folder, 0, 10, "H1:STRAIN")))
          .containsExactly(0, 1, 2, 4, 5, 6, 8, 9);
    }
    assertThat(told).contains("missing 3", "missing 7").doesNotContain("late");
    assertThat(told).filteredOn(line -> line.startsWith("rough-0@")).hasSize(3);
    assertThat(told).anyMatch(line -> line.startsWith("rough-0@0: "));
    assertThat(told).anyMatch(line -> line.contains("overlaps"));
  }

  @Test
  void whatWasNotDoneComesAgainAfterACrashAndNothingElseDoes() throws Exception {
    broker.topic("crash", 1);
    Path first = folder.resolve("first");
    try (FrameDelivery delivery = frames("crash?from=earliest&keep=2&group=g", first)) {
      send("crash", "H1:STRAIN", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertThat(seconds(source(first, 0, 10, "H1:STRAIN"))).hasSize(10);
      assertThat(broker.used("g", "crash", 0)).isEmpty();
      delivery.done(GpsTime.ofSeconds(START + 7));
      await(() -> broker.used("g", "crash", 0).equals(Optional.of(5L)));
      assertThat(first.toFile().list()).hasSize(5);
    }
    Path second = folder.resolve("second");
    try (FrameDelivery delivery = frames("crash?from=earliest&keep=2&group=g", second)) {
      send("crash", "H1:STRAIN", 10);
      assertThat(seconds(source(second, 5, 11, "H1:STRAIN"))).containsExactly(5, 6, 7, 8, 9, 10);
      delivery.done(GpsTime.ofSeconds(START + 20));
      await(() -> broker.used("g", "crash", 0).equals(Optional.of(11L)));
      assertThat(second.toFile().list()).isEmpty();
    }
    assertThat(told).isEmpty();
  }

  @Test
  void tellsWhenNoMoreCanCome() throws Exception {
    broker.topic("full", 1);
    try (FrameDelivery _ = frames("full?from=earliest", folder.resolve("gone"))) {
      Files.delete(folder.resolve("gone"));
      send("full", "H1:STRAIN", 0);
      await(() -> !told.isEmpty());
    }
    assertThat(told).singleElement().asString().startsWith("failed ").contains("gone");
  }

  @Test
  void noMoreLieAheadThanTheBound() throws Exception {
    broker.topic("ahead", 1);
    byte[] frame = frame("H1:STRAIN", 0);
    FrameSpool spool = new FrameSpool(folder, "ahead", listener);
    for (int second = 0; second < 5; second++) {
      assertThat(spool.add("m" + second, frame("H1:STRAIN", second))).isPresent();
    }
    assertThat(spool.add("again", frame)).isEmpty();
    assertThat(spool.ahead(GpsTime.ofSeconds(START + 2))).isEqualTo(3);
    spool.deleteBefore(GpsTime.ofSeconds(START + 4));
    assertThat(spool.ahead(Long.MIN_VALUE)).isEqualTo(1);
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aCandidateIsAnnouncedOnceAlsoByTheNextProcess() throws Exception {
    broker.topic("alerts", 3);
    URI uri = broker.uri("alerts");
    for (int run = 0; run < 2; run++) {
      try (AlertSink sink = Feed.of(uri).alerts(uri)) {
        sink.announce("a", "{\"gps_time\": 1}");
        sink.announce("b", "{\"gps_time\": 2}");
        sink.announce("a", "{\"gps_time\": 3}");
      }
    }
    try (AlertSink sink = Feed.of(uri).alerts(uri)) {
      sink.announce("c", "{\"gps_time\": 4}");
    }
    assertThat(messages(uri))
        .containsExactlyInAnyOrder(
            "a {\"gps_time\": 1}", "b {\"gps_time\": 2}", "c {\"gps_time\": 4}");
  }

  private static List<String> messages(URI uri) throws IOException {
    List<String> messages = new ArrayList<>();
    KafkaAddress address = KafkaAddress.of(uri);
    try (var consumer =
        new KafkaConsumer<String, String>(
            address.settings(Map.of()), new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions = KafkaFeed.partitions(consumer, address);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(m -> messages.add(m.key() + " " + m.value()));
      }
    }
    return messages;
  }

  @Test
  void refusesATopicThatIsNotThereAnotherFormAndAnotherScheme() throws Exception {
    broker.topic("there", 1);
    assertThatThrownBy(() -> frames("not-there", folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not-there: no such topic (expected one of: [")
        .hasMessageContaining("there");
    URI group = broker.uri("there?groop=x");
    assertThatThrownBy(() -> Feed.of(group).alerts(group))
        .hasMessageContaining("'groop=x' (expected: kafka://HOST:PORT/TOPIC, with ?group=NAME");
    assertThatThrownBy(() -> Feed.of(URI.create("pulsar://h/t")))
        .hasMessage("pulsar://h/t: no such feed (expected one of: [kafka://])");
  }

  @Test
  void refusesAPlaceWhereNobodyAnswers() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path config =
        Files.writeString(
            folder.resolve("client"), "default.api.timeout.ms=300\nrequest.timeout.ms=200");
    URI uri = URI.create("kafka://127.0.0.1:%d/strain?config=%s".formatted(port, config));
    assertThatThrownBy(() -> Feed.of(uri).frames(uri, folder, listener, _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("kafka://127.0.0.1:" + port + "/strain: ");
  }
}
