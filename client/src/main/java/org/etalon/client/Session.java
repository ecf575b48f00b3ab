package org.etalon.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * What all requests of one client share. Thread-safe, as {@code random} must be.
 *
 * @param unanswered the requests whose futures are not done
 */
record Session(
    ClientConfig config,
    Connections connections,
    ClientTime time,
    RandomGenerator random,
    Set<InferCall> unanswered) {
  Session(ClientConfig config, Connections connections, ClientTime time, RandomGenerator random) {
    this(config, connections, time, random, ConcurrentHashMap.newKeySet());
  }

  void forget(InferCall call) {
    unanswered.remove(call);
  }
}
