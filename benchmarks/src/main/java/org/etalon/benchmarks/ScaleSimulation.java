package org.etalon.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * What happens in a {@link ScaleModel}, event by event: clients and front are queues with one line,
 * devices take what waits as one batch. Times are as the model says, exactly; clients start within
 * the first round trip at random. Owned by one thread.
 */
final class ScaleSimulation {
  private final ScaleModel model;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingDouble(Event::timeUs).thenComparingLong(Event::number));
  private final List<Double> latencies = new ArrayList<>();
  private double nowUs;
  private long scheduled;
  private double deviceBusyUs;
  private double frontBusyUs;

  private record Event(double timeUs, long number, Runnable happens) {}

  /**
   * @param rowsPerSecond answered
   * @param p50Us latency as clients see it, network included
   * @param deviceUse of all devices' time, from 0 to 1
   * @param frontUse of the front cores' time
   */
  record Result(
      double rowsPerSecond, double p50Us, double p99Us, double deviceUse, double frontUse) {}

  private ScaleSimulation(ScaleModel model) {
    this.model = model;
  }

  /** Runs until so many requests have been answered, the first fifth of which do not count. */
  static Result run(ScaleModel model, int requests) {
    return new ScaleSimulation(model).run(requests);
  }

  private Result run(int requests) {
    List<Server> servers = new ArrayList<>();
    for (int s = 0; s < model.servers(); s++) {
      servers.add(new Server());
    }
    Random random = new Random(1);
    for (int c = 0; c < model.clients(); c++) {
      Client client = new Client(servers.get(c % servers.size()));
      for (int i = 0; i < model.inFlight(); i++) {
        at(random.nextDouble() * (model.networkUs() + model.rowUs()), client::ask);
      }
    }
    int warm = requests / 5;
    double warmUs = 0;
    while (latencies.size() < requests) {
      Event next = events.remove();
      nowUs = next.timeUs;
      next.happens.run();
      if (latencies.size() == warm && warmUs == 0) {
        warmUs = nowUs;
        deviceBusyUs = 0;
        frontBusyUs = 0;
      }
    }
    return result(warm, nowUs - warmUs);
  }

  private Result result(int warm, double spanUs) {
    double[] counted =
        latencies.subList(warm, latencies.size()).stream()
            .mapToDouble(Double::doubleValue)
            .toArray();
    Arrays.sort(counted);
    return new Result(
        1e6 * counted.length / spanUs,
        counted[counted.length / 2],
        counted[counted.length * 99 / 100],
        deviceBusyUs / spanUs / model.servers() / model.devices(),
        frontBusyUs / spanUs / model.servers() / model.frontCores());
  }

  private void at(double timeUs, Runnable happens) {
    events.add(new Event(timeUs, scheduled++, happens));
  }

  /** Cores that each do one thing at a time, first come first served. */
  private final class Cores {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final double serviceUs;
    private int free;

    Cores(int count, double serviceUs) {
      this.free = count;
      this.serviceUs = serviceUs;
    }

    void serve(Runnable then) {
      if (free == 0) {
        waiting.add(then);
        return;
      }
      free--;
      at(
          nowUs + serviceUs,
          () -> {
            free++;
            Runnable next = waiting.poll();
            if (next != null) {
              serve(next);
            }
            then.run();
          });
    }
  }

  private final class Client {
    private final Server server;
    private final Cores thread = new Cores(1, model.clientUs());

    Client(Server server) {
      this.server = server;
    }

    void ask() {
      thread.serve(() -> {
        double askedUs = nowUs;
        at(
            nowUs + model.networkUs() / 2,
            () ->
                server.answer(() ->
                    at(
                        nowUs + model.networkUs() / 2,
                        () -> {
                          latencies.add(nowUs - askedUs);
                          ask();
                        })));
      });
    }
  }

  private final class Server {
    private final Cores front = new Cores(model.frontCores(), model.frontUs());
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int freeDevices = model.devices();

    void answer(Runnable then) {
      front.serve(() -> {
        frontBusyUs += model.frontUs();
        waiting.add(then);
        takeBatch();
      });
    }

    private void takeBatch() {
      if (freeDevices == 0 || waiting.isEmpty()) {
        return;
      }
      List<Runnable> batch = new ArrayList<>();
      while (batch.size() < model.maxBatch() && !waiting.isEmpty()) {
        batch.add(waiting.remove());
      }
      freeDevices--;
      double us = model.batchUs() + batch.size() * model.rowUs();
      at(
          nowUs + us,
          () -> {
            deviceBusyUs += us;
            freeDevices++;
            takeBatch();
            batch.forEach(Runnable::run);
          });
    }
  }
}
