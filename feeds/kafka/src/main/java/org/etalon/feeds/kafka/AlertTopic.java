package org.etalon.feeds.kafka;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.etalon.strain.feed.AlertSink;

/**
 * A topic of candidates: one message each, its key the identity, its value the JSON.
 *
 * <p>An announcement returns when all brokers that should have it do. The client's own retries
 * write nothing twice; what an earlier process wrote is known from the topic's latest messages,
 * read when it is opened.
 */
final class AlertTopic implements AlertSink {
  /** Messages a partition, from its end, whose identities are known when a topic is opened. */
  private static final int KNOWN = 10_000;

  private final KafkaAddress address;
  private final KafkaProducer<String, String> producer;
  private final Set<String> announced;

  private AlertTopic(
      KafkaAddress address, KafkaProducer<String, String> producer, Set<String> announced) {
    this.address = address;
    this.producer = producer;
    this.announced = announced;
  }

  static AlertTopic open(KafkaAddress address) throws IOException {
    try {
      Set<String> announced = announced(address);
      Map<String, Object> settings =
          address.settings(
              Map.of(
                  "acks",
                  "all",
                  "enable.idempotence",
                  true,
                  "delivery.timeout.ms",
                  60_000,
                  "request.timeout.ms",
                  15_000,
                  "linger.ms",
                  0));
      return new AlertTopic(
          address,
          new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer()),
          announced);
    } catch (KafkaException e) {
      throw KafkaFeed.failed(address, e);
    }
  }

  private static Set<String> announced(KafkaAddress address) throws IOException {
    Set<String> keys = new HashSet<>();
    try (var consumer =
        new KafkaConsumer<String, String>(
            address.settings(Map.of()), new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions = KafkaFeed.partitions(consumer, address);
      consumer.assign(partitions);
      Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      ends.forEach((partition, end) ->
          consumer.seek(partition, Math.max(starts.getOrDefault(partition, 0L), end - KNOWN)));
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(200)).forEach(message -> keys.add(message.key()));
      }
    }
    return keys;
  }

  @Override
  public void announce(String id, String json) throws IOException {
    if (announced.contains(id)) {
      return;
    }
    try {
      producer.send(new ProducerRecord<>(address.topic(), id, json)).get();
      announced.add(id);
    } catch (ExecutionException e) {
      throw new IOException(
          "%s: candidate %s not announced: %s".formatted(address, id, e.getMessage()), e);
    } catch (KafkaException e) {
      throw KafkaFeed.failed(address, e);
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
