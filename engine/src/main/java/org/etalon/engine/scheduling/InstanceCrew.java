package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.scheduling.InstancePlacement.Place;
import org.etalon.engine.status.InstanceStatus;

/** The instances of a version that have threads of their own. */
final class InstanceCrew {
  private final VersionName name;
  private final List<InstanceThread> threads = new ArrayList<>();

  InstanceCrew(VersionName name) {
    this.name = name;
  }

  /**
   * Makes an instance in each place, side by side; returns when they take requests.
   *
   * @param limiter of what they hold while they run
   * @param onExpired refuses requests that waited too long
   * @throws org.etalon.inference.ServingException why one could not be made; {@link #join} ends
   *     those that were
   */
  void start(
      List<Place> placement,
      BackendModel model,
      InstanceRunner.Maker maker,
      Scheduler scheduler,
      Optional<RateLimiter> limiter,
      Consumer<List<PendingRequest>> onExpired) {
    for (Place place : placement) {
      Optional<RateLimiter.Claim> claim =
          limiter
              .filter(_ -> place.group().getRateLimiter().getResourcesCount() > 0)
              .map(shared -> shared.claim(name.model(), place.group(), place.device()));
      threads.add(
          InstanceThread.start(
              name, threads.size(), place.device(), claim, model, maker, scheduler, onExpired));
    }
    threads.forEach(InstanceThread::awaitReady);
  }

  List<InstanceStatus> statuses() {
    return threads.stream()
        .map(thread ->
            new InstanceStatus(
                name.model(),
                name.version(),
                thread.device(),
                thread.busyNanos(),
                thread.process()))
        .toList();
  }

  /** Waits until all are closed; their queue must be closed before. */
  void join() {
    threads.forEach(InstanceThread::join);
  }
}
