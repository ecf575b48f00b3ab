package org.etalon.feeds.kafka;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;

/** A real broker in this process: one node, which is its own controller. */
final class Broker implements AutoCloseable {
  private final KafkaRaftServer server;
  private final String address;
  private final KafkaProducer<String, byte[]> producer;
  private final Admin admin;

  private Broker(KafkaRaftServer server, int port) {
    this.server = server;
    this.address = "127.0.0.1:" + port;
    Map<String, Object> settings = Map.of("bootstrap.servers", address);
    this.producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    this.admin = Admin.create(settings);
  }

  static Broker start(Path folder) throws IOException {
    List<Integer> ports = freePorts();
    Properties properties = new Properties();
    String internal = "127.0.0.1:" + ports.getLast();
    properties.putAll(
        Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", "1"),
            Map.entry("controller.quorum.voters", "1@" + internal),
            Map.entry(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.getFirst() + ",CONTROLLER://" + internal),
            Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports.getFirst()),
            Map.entry("controller.listener.names", "CONTROLLER"),
            Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            Map.entry("log.dirs", folder.resolve("log").toString()),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("auto.create.topics.enable", "false")));
    Path file = folder.resolve("broker.properties");
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, "");
    }
    var said = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    if (StorageTool.execute(format, said) != 0) {
      throw new IOException("the broker's folder could not be made");
    }
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
    server.startup();
    return new Broker(server, ports.getFirst());
  }

  /** Both at once, so that they differ; the broker cannot be told to choose for itself. */
  private static List<Integer> freePorts() throws IOException {
    List<Integer> ports = new ArrayList<>();
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket other = new ServerSocket(0)) {
      ports.add(one.getLocalPort());
      ports.add(other.getLocalPort());
    }
    return ports;
  }

  void topic(String name, int partitions) throws InterruptedException, ExecutionException {
    admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
  }

  void send(String topic, String key, byte[] value)
      throws InterruptedException, ExecutionException {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }

  /** How far a group has used a partition; empty if it never said so. */
  Optional<Long> used(String group, String topic, int partition)
      throws InterruptedException, ExecutionException {
    var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    return Optional.ofNullable(offsets.get(new TopicPartition(topic, partition)))
        .map(offset -> offset.offset());
  }

  URI uri(String topicAndOptions) {
    return URI.create("kafka://" + address + "/" + topicAndOptions);
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
    server.shutdown();
    server.awaitShutdown();
  }
}
