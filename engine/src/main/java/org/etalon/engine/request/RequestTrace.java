package org.etalon.engine.request;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * What one request went through, and when; that of an ensemble's request has children, one a step.
 * Thread-safe, guarded by itself.
 */
public final class RequestTrace {
  /** What can happen to a request. */
  public enum Moment {
    /** Its first byte was there. */
    RECV_START,
    /** It was understood. */
    RECV_END,
    /** The version that answers has it. */
    REQUEST_START,
    /** It waits for an instance. */
    QUEUE_START,
    /** An instance took it, in a batch. */
    COMPUTE_START,
    /** The batch's inputs were gathered. */
    COMPUTE_INPUT_END,
    /** The model has run. */
    COMPUTE_OUTPUT_START,
    /** The batch's outputs were handed out. */
    COMPUTE_END,
    /** The version has answered. */
    REQUEST_END,
    /** An answer was there to be written. */
    SEND_START,
    /** The answer was given to the connection. */
    SEND_END
  }

  /**
   * @param nanos on {@link System#nanoTime}'s clock
   */
  public record Timestamp(Moment moment, long nanos) {}

  /** The most events of one request that are kept: models may answer any number of times. */
  private static final int MAX_EVENTS = 1000;

  private final long id;
  private final OptionalLong parent;
  private final LongSupplier ids;
  private final List<Timestamp> timestamps = new ArrayList<>(12);
  private final List<RequestTrace> children = new ArrayList<>(0);
  private String model = "";
  private long version;

  /**
   * @param ids gives each trace another
   */
  public RequestTrace(LongSupplier ids) {
    this(ids, OptionalLong.empty());
  }

  private RequestTrace(LongSupplier ids, OptionalLong parent) {
    this.ids = ids;
    this.id = ids.getAsLong();
    this.parent = parent;
  }

  /** The trace of a request that this one gives rise to. */
  public synchronized RequestTrace child() {
    RequestTrace child = new RequestTrace(ids, OptionalLong.of(id));
    if (children.size() < MAX_EVENTS) {
      children.add(child);
    }
    return child;
  }

  public synchronized void at(Moment moment, long nanos) {
    if (timestamps.size() < MAX_EVENTS) {
      timestamps.add(new Timestamp(moment, nanos));
    }
  }

  /** Tells which version answers. */
  public synchronized void servedBy(String name, long number) {
    model = name;
    version = number;
  }

  public long id() {
    return id;
  }

  /** The id of the trace that this is a child of. */
  public OptionalLong parent() {
    return parent;
  }

  /** Empty until a version has the request. */
  public synchronized String model() {
    return model;
  }

  public synchronized long version() {
    return version;
  }

  /** In the order they were told. */
  public synchronized List<Timestamp> timestamps() {
    return List.copyOf(timestamps);
  }

  public synchronized List<RequestTrace> children() {
    return List.copyOf(children);
  }
}
