package org.etalon.feeds.kafka;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * A topic and how to reach it, as in {@code kafka://HOST:PORT,HOST:PORT/TOPIC?group=NAME}.
 *
 * @param servers some of the brokers, {@code HOST:PORT} with commas between
 * @param group under whose name it is kept how far the topic was used
 * @param isFromStart whether a group that comes for the first time gets all there is, rather than
 *     what comes from then on
 * @param keepSeconds of frames that are kept behind what is done, for who has to look back
 * @param client further properties of Kafka's clients, from the file that {@code config} names
 */
record KafkaAddress(
    String servers,
    String topic,
    String group,
    boolean isFromStart,
    int keepSeconds,
    Map<String, String> client) {
  private static final String FORM =
      "kafka://HOST:PORT/TOPIC, with ?group=NAME, &from=earliest or latest, &keep=SECONDS, &config=FILE where wanted";

  /**
   * @throws IOException if it is of another form, or its file cannot be read
   */
  static KafkaAddress of(URI address) throws IOException {
    String servers = address.getRawAuthority();
    String topic = address.getPath() == null ? "" : address.getPath().replaceFirst("^/", "");
    if (servers == null || !topic.matches("[A-Za-z0-9._-]{1,249}")) {
      throw wrong(address, "topic '" + topic + "'");
    }
    Map<String, String> options = new TreeMap<>();
    String query = address.getQuery();
    for (String option : query == null ? new String[0] : query.split("&")) {
      String[] parts = option.split("=", 2);
      if (parts.length < 2 || !parts[0].matches("group|from|keep|config")) {
        throw wrong(address, "'" + option + "'");
      }
      options.put(parts[0], parts[1]);
    }
    String from = options.getOrDefault("from", "latest");
    String keep = options.getOrDefault("keep", "256");
    if (!from.matches("earliest|latest") || !keep.matches("[0-9]{1,6}")) {
      throw wrong(address, "from '%s', keep '%s'".formatted(from, keep));
    }
    return new KafkaAddress(
        servers,
        topic,
        options.getOrDefault("group", "etalon"),
        from.equals("earliest"),
        Integer.parseInt(keep),
        options.containsKey("config") ? properties(Path.of(options.get("config"))) : Map.of());
  }

  private static Map<String, String> properties(Path file) throws IOException {
    Properties read = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      read.load(in);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
    }
    Map<String, String> properties = new TreeMap<>();
    read.stringPropertyNames().forEach(name -> properties.put(name, read.getProperty(name)));
    return properties;
  }

  private static IOException wrong(URI address, String what) {
    return new IOException("%s: %s (expected: %s)".formatted(address, what, FORM));
  }

  /** Settings that all clients have in common, those of the file above all. */
  Map<String, Object> settings(Map<String, Object> own) {
    Map<String, Object> settings = new TreeMap<>(own);
    settings.put("bootstrap.servers", servers);
    settings.put("client.id", "etalon");
    settings.put("default.api.timeout.ms", 15_000);
    settings.putAll(client);
    return settings;
  }

  @Override
  public String toString() {
    return "kafka://" + servers + "/" + topic;
  }
}
