package org.etalon.feeds.kafka;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.etalon.strain.feed.AlertSink;
import org.etalon.strain.feed.Feed;
import org.etalon.strain.feed.FrameDelivery;
import org.etalon.strain.source.LiveListener;

/** Apache Kafka. Public for {@link java.util.ServiceLoader} only. */
public final class KafkaFeed implements Feed {
  @Override
  public String scheme() {
    return "kafka";
  }

  @Override
  public FrameDelivery frames(
      URI address, Path folder, LiveListener listener, Consumer<IOException> onFailure)
      throws IOException {
    return FrameTopic.open(KafkaAddress.of(address), folder, listener, onFailure);
  }

  @Override
  public AlertSink alerts(URI address) throws IOException {
    return AlertTopic.open(KafkaAddress.of(address));
  }

  /**
   * A topic's partitions.
   *
   * @throws IOException if there is no such topic, or nobody answers
   */
  static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, KafkaAddress address)
      throws IOException {
    try {
      var known = consumer.listTopics();
      if (!known.containsKey(address.topic())) {
        Set<String> names = new TreeSet<>(known.keySet());
        throw new IOException("%s: no such topic (expected one of: %s)".formatted(address, names));
      }
      return known.get(address.topic()).stream()
          .map(partition -> new TopicPartition(address.topic(), partition.partition()))
          .toList();
    } catch (KafkaException e) {
      throw failed(address, e);
    }
  }

  static IOException failed(KafkaAddress address, Throwable cause) {
    return new IOException("%s: %s".formatted(address, cause.getMessage()), cause);
  }
}
