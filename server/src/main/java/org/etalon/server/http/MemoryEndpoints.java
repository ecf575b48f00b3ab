package org.etalon.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.JsonText;
import org.etalon.protocol.json.RegionRequest;
import org.etalon.server.memory.SharedRegions;

/** Registers memory that clients share. Thread-safe. */
final class MemoryEndpoints {
  private static final byte[] NO_REGIONS = {'[', ']'};

  private final SharedRegions regions;

  MemoryEndpoints(SharedRegions regions) {
    this.regions = regions;
  }

  void status(Exchange exchange, PathVariables path) {
    if (isCuda(exchange, path)) {
      exchange.answer(Answer.json(NO_REGIONS));
      return;
    }
    List<SharedRegions.Region> known = regions.status(region(path));
    exchange.answer(
        Answer.json(
            JsonText.of(json -> {
              json.writeStartArray();
              for (SharedRegions.Region region : known) {
                json.writeStartObject();
                json.writeStringProperty("name", region.name());
                json.writeStringProperty("key", region.key());
                json.writeNumberProperty("offset", region.offset());
                json.writeNumberProperty("byte_size", region.byteSize());
                json.writeEndObject();
              }
              json.writeEndArray();
            })));
  }

  void register(Exchange exchange, PathVariables path) {
    String name = region(path).orElse("");
    if (isCuda(exchange, path)) {
      throw SharedRegions.noGpu(name);
    }
    RegionRequest request = RegionRequest.decode(exchange.body());
    regions.register(
        new SharedRegions.Region(name, request.key(), request.offset(), request.byteSize()));
    exchange.answer(Answer.empty(HttpResponseStatus.OK));
  }

  void unregister(Exchange exchange, PathVariables path) {
    if (!isCuda(exchange, path)) {
      region(path).ifPresentOrElse(regions::unregister, regions::unregisterAll);
    }
    exchange.answer(Answer.empty(HttpResponseStatus.OK));
  }

  private static Optional<String> region(PathVariables path) {
    return Optional.ofNullable(path.values().get("region"));
  }

  private static boolean isCuda(Exchange exchange, PathVariables path) {
    return switch (path.values().getOrDefault("memory", "")) {
      case "systemsharedmemory" -> false;
      case "cudasharedmemory" -> true;
      default ->
          throw ServingException.notFound(
              "no such path: '%s' (expected: one under /v2)".formatted(exchange.request().uri()));
    };
  }
}
