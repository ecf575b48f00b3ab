package org.etalon.benchmarks;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The naive loop on several threads, each with its share of the rows. */
final class ParallelLoops implements Way {
  private final String name;
  private final Dataset data;
  private final int batchSize;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final List<OrtSession> owned = new ArrayList<>();
  private final List<OrtSession> ofThread = new ArrayList<>();
  private final ExecutorService executor;

  private ParallelLoops(String name, Dataset data, int batchSize, int threads) {
    this.name = name;
    this.data = data;
    this.batchSize = batchSize;
    this.executor = Executors.newFixedThreadPool(threads);
  }

  /** All threads ask one session, made as a beginner makes it. */
  static ParallelLoops sharingOneSession(Path model, Dataset data, int batchSize, int threads)
      throws OrtException {
    ParallelLoops way =
        new ParallelLoops(threads + " threads, one session", data, batchSize, threads);
    way.owned.add(way.environment.createSession(model.toString()));
    for (int i = 0; i < threads; i++) {
      way.ofThread.add(way.owned.getFirst());
    }
    return way;
  }

  /** Each thread has a session of its own, which computes on that thread alone. */
  static ParallelLoops ofOneSessionEach(Path model, Dataset data, int batchSize, int jobs)
      throws OrtException {
    ParallelLoops way = new ParallelLoops(jobs + " jobs, a session each", data, batchSize, jobs);
    for (int i = 0; i < jobs; i++) {
      way.owned.add(SingleThread.session(way.environment, model));
    }
    way.ofThread.addAll(way.owned);
    return way;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public float[] pass() throws Exception {
    float[] scores = new float[data.rows()];
    int batches = Math.ceilDiv(data.rows(), batchSize);
    int share = Math.ceilDiv(batches, ofThread.size()) * batchSize;
    List<Future<?>> parts = new ArrayList<>();
    for (int i = 0; i < ofThread.size(); i++) {
      OrtSession session = ofThread.get(i);
      int first = Math.min(i * share, data.rows());
      int end = Math.min(first + share, data.rows());
      parts.add(
          executor.submit(() -> {
            NaiveLoop.run(environment, session, data, batchSize, first, end, scores);
            return null;
          }));
    }
    for (Future<?> part : parts) {
      part.get();
    }
    return scores;
  }

  @Override
  public void close() throws OrtException {
    executor.close();
    for (OrtSession session : owned) {
      session.close();
    }
  }
}
