package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.RateLimits;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelRateLimiter;

/**
 * The resources that the instances of an engine share: each holds those that its configuration
 * lists while it runs, all of them or none. Thread-safe; its lock guards field updates only.
 *
 * <p>Who waits is served by start-time fair queueing (Goyal, Vin, Cheng 1996): a run puts the
 * instance's next turn off by its priority, so that of two that always have work the one of
 * priority 2 runs half as often as the one of priority 1, and one that had no work saves no turns
 * up. Who stands before others keeps from them what it waits for, and nothing else: an instance
 * that needs much is not starved by those that need little.
 */
public final class RateLimiter {
  private static final Comparator<Claim> ORDER =
      Comparator.<Claim>comparingLong(claim -> claim.turn).thenComparingLong(claim -> claim.ticket);

  private final RateLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Claim> claims = new ArrayList<>();
  private final List<Claim> waiting = new ArrayList<>();
  private final Map<Resource, Long> held = new HashMap<>();

  /** The turn of the one served last: nobody's next is before it. */
  private long now;

  private long tickets;

  /**
   * @param device empty: of the whole server
   */
  private record Resource(String name, OptionalInt device) {
    boolean isGlobal() {
      return device.isEmpty();
    }
  }

  RateLimiter(RateLimits limits) {
    this.limits = limits;
  }

  /**
   * Enters an instance.
   *
   * @throws ServingException INVALID_ARGUMENT if it asks for more than there is
   */
  Claim claim(String model, ModelInstanceGroup group, Device device) {
    ModelRateLimiter asked = group.getRateLimiter();
    Claim claim =
        new Claim(needs(asked, device), Math.max(1, Integer.toUnsignedLong(asked.getPriority())));
    lock.lock();
    try {
      claim.needs.forEach((resource, count) -> {
        String fault = fault(resource, count);
        if (!fault.isEmpty()) {
          throw ServingException.invalid(
              "model '%s': instance_group '%s': %s".formatted(model, group.getName(), fault));
        }
      });
      claims.add(claim);
    } finally {
      lock.unlock();
    }
    return claim;
  }

  private static Map<Resource, Long> needs(ModelRateLimiter asked, Device device) {
    Map<Resource, Long> needs = new HashMap<>();
    for (ModelRateLimiter.Resource resource : asked.getResourcesList()) {
      OptionalInt where =
          resource.getGlobal() ? OptionalInt.empty() : OptionalInt.of(device.index());
      needs.put(
          new Resource(resource.getName(), where), Integer.toUnsignedLong(resource.getCount()));
    }
    return needs;
  }

  /** In the words that scripts look for in Triton's log. */
  private String fault(Resource resource, long count) {
    boolean isBoth =
        claims.stream()
            .flatMap(claim -> claim.needs.keySet().stream())
            .anyMatch(other ->
                other.name.equals(resource.name) && other.isGlobal() != resource.isGlobal());
    if (isBoth) {
      return "Resource \"%s\" is present as both global and device-specific resource in the model configuration."
          .formatted(resource.name);
    }
    if (limits.resources().isEmpty() || limit(resource) >= count) {
      return "";
    }
    return ("Resource count for \"%s\" is limited to %d which will prevent scheduling of one or more model instances,"
            + " the minimum required count is %d (remedy: --rate-limit-resource %s:%d)")
        .formatted(resource.name, limit(resource), count, resource.name, count);
  }

  private long limit(Resource resource) {
    if (limits.resources().isEmpty()) {
      return claims.stream()
          .mapToLong(claim -> claim.needs.getOrDefault(resource, 0L))
          .max()
          .orElse(0);
    }
    return resource.isGlobal()
        ? limits.ofAll(resource.name)
        : limits.onDevice(resource.name, resource.device.getAsInt());
  }

  /** Serves those that wait, as far as there is enough; under the lock. */
  private List<CompletableFuture<Boolean>> serve() {
    List<CompletableFuture<Boolean>> served = new ArrayList<>(1);
    Map<Resource, Long> left = new HashMap<>();
    waiting.sort(ORDER);
    for (Iterator<Claim> line = waiting.iterator(); line.hasNext(); ) {
      Claim claim = line.next();
      boolean isEnough = true;
      for (Map.Entry<Resource, Long> need : claim.needs.entrySet()) {
        long after = left.computeIfAbsent(need.getKey(), this::free) - need.getValue();
        left.put(need.getKey(), after); // also what it cannot have yet is not for those behind it
        isEnough &= after >= 0;
      }
      if (isEnough) {
        line.remove();
        claim.needs.forEach((resource, count) -> held.merge(resource, count, Long::sum));
        now = Math.max(now, claim.turn);
        served.add(claim.answer);
      }
    }
    return served;
  }

  private long free(Resource resource) {
    return limit(resource) - held.getOrDefault(resource, 0L);
  }

  /** An instance's right to resources. Asked by one thread at a time. */
  final class Claim implements AutoCloseable {
    private final Map<Resource, Long> needs;
    private final long priority;
    private CompletableFuture<Boolean> answer = new CompletableFuture<>();
    private long turn;
    private long nextTurn;
    private long ticket;
    private boolean isClosed;

    private Claim(Map<Resource, Long> needs, long priority) {
      this.needs = Map.copyOf(needs);
      this.priority = priority;
    }

    /** Asks for all that it needs; true once it holds it, false if it is closed before. */
    CompletableFuture<Boolean> ask() {
      CompletableFuture<Boolean> mine = new CompletableFuture<>();
      change(() -> join(mine));
      return mine;
    }

    /**
     * Gives back what it got and asks for it again, in one step: it stands in line when others are
     * served what it gave back.
     */
    CompletableFuture<Boolean> askAnew() {
      CompletableFuture<Boolean> mine = new CompletableFuture<>();
      change(() -> {
        release();
        join(mine);
      });
      return mine;
    }

    private void join(CompletableFuture<Boolean> mine) {
      if (isClosed) {
        mine.complete(false);
        return;
      }
      answer = mine;
      turn = Math.max(now, nextTurn);
      ticket = tickets++;
      waiting.add(this);
    }

    /** What it holds is used: its next turn comes the later. */
    void use() {
      change(() -> nextTurn = turn + priority);
    }

    /** Gives back what it once got. */
    void giveBack() {
      change(this::release);
    }

    private void release() {
      needs.forEach((resource, count) ->
          held.merge(
              resource, -count, (before, less) -> before + less == 0 ? null : before + less));
    }

    /** Leaves the line; what it holds is to be given back nevertheless. */
    @Override
    public void close() {
      change(() -> {
        isClosed = true;
        claims.remove(this);
        waiting.remove(this);
      });
      answer.complete(false);
    }

    private void change(Runnable change) {
      List<CompletableFuture<Boolean>> served;
      lock.lock();
      try {
        change.run();
        served = serve();
      } finally {
        lock.unlock();
      }
      served.forEach(one -> one.complete(true));
    }
  }
}
