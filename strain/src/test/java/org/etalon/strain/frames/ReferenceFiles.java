package org.etalon.strain.frames;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Frame files with what two independent libraries (frameCPP and FrameL) read from them. The small
 * ones are resources; more lie in {@code ../shared/data}, which a test may lack.
 */
final class ReferenceFiles {
  private ReferenceFiles() {}

  /** A channel as the reference gives it; {@code values} are its JSON scalars by key. */
  record Channel(Map<String, String> values) {
    String value(String key) {
      String value = values.get(key);
      if (value == null) {
        throw new IllegalArgumentException("no " + key + " in " + values);
      }
      return value;
    }
  }

  /** The frame files of the resources. */
  static List<Path> bundled() throws IOException {
    return frames(Path.of("src/test/resources/org/etalon/strain/frames"));
  }

  /** Those of {@code ../shared/data}; empty without it. */
  static List<Path> shared() throws IOException {
    Path data = Path.of(System.getProperty("etalon.shared", "absent"), "data");
    List<Path> files = new ArrayList<>(frames(data));
    files.addAll(frames(data.resolve("gwf")));
    return files;
  }

  static List<Path> all() throws IOException {
    List<Path> files = new ArrayList<>(bundled());
    files.addAll(shared());
    return files;
  }

  private static List<Path> frames(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".gwf")).sorted().toList();
    }
  }

  /** The channels of the JSON file beside a frame file. */
  static List<Channel> channels(Path frameFile) throws IOException {
    List<Channel> channels = new ArrayList<>();
    try (JsonParser json =
        new JsonFactory()
            .createParser(
                ObjectReadContext.empty(), Files.readAllBytes(Path.of(frameFile + ".json")))) {
      boolean isInChannels = false;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_ARRAY && "channels".equals(json.currentName())) {
          isInChannels = true;
        } else if (token == JsonToken.END_ARRAY) {
          isInChannels = false;
        } else if (token == JsonToken.START_OBJECT && isInChannels) {
          channels.add(channel(json));
        }
      }
    }
    return channels;
  }

  private static Channel channel(JsonParser json) {
    Map<String, String> values = new HashMap<>();
    JsonToken token = json.nextToken();
    while (token != JsonToken.END_OBJECT) {
      if (token.isScalarValue()) {
        values.put(json.currentName(), json.getString());
      } else if (token == JsonToken.START_ARRAY) {
        json.skipChildren();
      }
      token = json.nextToken();
    }
    return new Channel(values);
  }
}
