package org.etalon.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;

/**
 * Several servers that serve the same models. Thread-safe.
 *
 * <p>Streams are spread over the servers and stay where they are; when a server goes away, its
 * streams go on at the others. Requests without a sequence go to the servers in turn.
 */
public final class ServerGroup implements InferenceService {
  private final List<EtalonClient> clients;
  private final AtomicInteger turn = new AtomicInteger();

  private ServerGroup(List<EtalonClient> clients) {
    this.clients = clients;
  }

  /**
   * Opens a client for each server, none of which need be up yet.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ServerGroup open(List<ClientConfig> servers) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: one or more)");
    }
    List<EtalonClient> clients = new ArrayList<>();
    servers.forEach(server -> clients.add(EtalonClient.open(server)));
    return new ServerGroup(List.copyOf(clients));
  }

  /** What the first that answers says. */
  @Override
  public ModelMetadata metadata(ModelId model) {
    ServingException last = null;
    for (EtalonClient client : clients) {
      try {
        return client.metadata(model);
      } catch (ServingException e) {
        if (e.code() != ErrorCode.UNAVAILABLE) {
          throw e;
        }
        last = e;
      }
    }
    throw last == null ? ServingException.unavailable("no servers") : last;
  }

  @Override
  public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
    return clients.get(next()).infer(request);
  }

  @Override
  public InferenceStream stream(ModelId model, Sequence.Id id) {
    int first = next();
    return clients.get(first).stream(
        clients.stream().map(EtalonClient::session).toList(), first, model, id);
  }

  private int next() {
    return Math.floorMod(turn.getAndIncrement(), clients.size());
  }

  @Override
  public void close() {
    clients.forEach(EtalonClient::close);
  }
}
