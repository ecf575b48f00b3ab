package org.etalon.feeds.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.etalon.strain.GpsTime;
import org.etalon.strain.feed.FrameDelivery;
import org.etalon.strain.source.LiveListener;

/**
 * Frames of a topic: each message is one frame file (GWF), its key the detector, so that a
 * detector's frames stay in order.
 *
 * <p>A message counts as used, for the group, once its frame is deleted from the folder, and that
 * is when the results from it are written and nobody has to look back at it. Whoever comes after a
 * crash therefore gets every frame again that still has a part in something. At most {@link
 * #MOST_AHEAD} frames lie in the folder ahead of what is done; the rest waits at the broker.
 *
 * <p>One thread of its own does all the work. {@link #done} only leaves it a number.
 */
final class FrameTopic implements FrameDelivery {
  static final int MOST_AHEAD = 4096;
  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaAddress address;
  private final KafkaConsumer<String, byte[]> consumer;
  private final FrameSpool spool;
  private final Consumer<IOException> onFailure;
  private final Thread thread;
  private volatile long doneNs = Long.MIN_VALUE;
  private volatile boolean isClosed;

  /** The first message of each partition that is not used yet is the least of these. */
  private final Map<TopicPartition, NavigableMap<Long, FrameSpool.Kept>> unused = new HashMap<>();

  private final Map<TopicPartition, Long> committed = new HashMap<>();

  private FrameTopic(
      KafkaAddress address,
      KafkaConsumer<String, byte[]> consumer,
      FrameSpool spool,
      Consumer<IOException> onFailure) {
    this.onFailure = onFailure;
    this.address = address;
    this.consumer = consumer;
    this.spool = spool;
    this.thread = Thread.ofPlatform().name("etalon-kafka-" + address.topic()).unstarted(this::run);
  }

  @SuppressWarnings("MustBeClosedChecker") // the delivery that is returned closes the consumer
  static FrameTopic open(
      KafkaAddress address, Path folder, LiveListener listener, Consumer<IOException> onFailure)
      throws IOException {
    Map<String, Object> settings =
        address.settings(
            Map.of(
                "group.id",
                address.group(),
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                address.isFromStart() ? "earliest" : "latest",
                "fetch.max.bytes",
                16 << 20,
                "max.poll.records",
                64));
    KafkaConsumer<String, byte[]> consumer;
    try {
      consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw KafkaFeed.failed(address, e);
    }
    try {
      List<TopicPartition> partitions = KafkaFeed.partitions(consumer, address);
      consumer.assign(partitions);
      partitions.forEach(consumer::position); // what comes from now on is delivered
      FrameTopic topic =
          new FrameTopic(
              address, consumer, new FrameSpool(folder, address.topic(), listener), onFailure);
      partitions.forEach(partition -> topic.unused.put(partition, new TreeMap<>()));
      topic.thread.start();
      return topic;
    } catch (KafkaException e) {
      consumer.close();
      throw KafkaFeed.failed(address, e);
    } catch (IOException e) {
      consumer.close();
      throw e;
    }
  }

  @Override
  public void done(long gpsNs) {
    doneNs = Math.max(doneNs, gpsNs);
  }

  @Override
  public void close() {
    isClosed = true;
    consumer.wakeup();
    boolean isInterrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer) {
      while (!isClosed) {
        hold(spool.ahead(doneNs) >= MOST_AHEAD);
        for (ConsumerRecord<String, byte[]> message : consumer.poll(POLL)) {
          take(message);
        }
        release();
      }
    } catch (WakeupException _) {
      // closed
    } catch (IOException e) {
      onFailure.accept(e);
    } catch (KafkaException | LinkageError e) {
      // Without a library for a message's compression, the client throws a LinkageError.
      onFailure.accept(KafkaFeed.failed(address, e));
    }
  }

  private void hold(boolean isFull) {
    if (isFull) {
      consumer.pause(consumer.assignment());
    } else if (!consumer.paused().isEmpty()) {
      consumer.resume(consumer.paused());
    }
  }

  private void take(ConsumerRecord<String, byte[]> message) throws IOException {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    String name = "%s-%d@%d".formatted(message.topic(), message.partition(), message.offset());
    spool
        .add(name, message.value())
        .ifPresent(kept -> unused(partition).put(message.offset(), kept));
  }

  private NavigableMap<Long, FrameSpool.Kept> unused(TopicPartition partition) {
    return unused.computeIfAbsent(partition, _ -> new TreeMap<>());
  }

  /** Deletes what nobody needs, then says so to the broker. */
  private void release() throws IOException {
    if (doneNs == Long.MIN_VALUE) {
      return;
    }
    spool.deleteBefore(doneNs - address.keepSeconds() * GpsTime.NS_PER_SECOND);
    Map<TopicPartition, OffsetAndMetadata> used = new HashMap<>();
    unused.forEach((partition, messages) -> {
      messages.values().removeIf(FrameSpool.Kept::isDeleted);
      long offset = messages.isEmpty() ? consumer.position(partition) : messages.firstKey();
      OptionalLong before =
          committed.containsKey(partition)
              ? OptionalLong.of(committed.get(partition))
              : OptionalLong.empty();
      if (before.isEmpty() || before.getAsLong() != offset) {
        used.put(partition, new OffsetAndMetadata(offset));
      }
    });
    if (!used.isEmpty()) {
      consumer.commitSync(used);
      used.forEach((partition, offset) -> committed.put(partition, offset.offset()));
    }
  }
}
