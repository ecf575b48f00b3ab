package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.etalon.engine.scheduling.InlineInstances.InlineInstance;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests that know nothing of each other on the threads that bring them: nothing ever waits,
 * and there are as many instances as threads have met here. Thread-safe; its one lock guards field
 * updates only and is never held together with another.
 */
final class InlinePool implements RequestIntake {
  private final InlineInstances instances;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final ArrayDeque<InlineInstance> idle = new ArrayDeque<>(2);
  private int running;
  private boolean isClosed;

  InlinePool(InlineInstances instances) {
    this.instances = instances;
  }

  @Override
  public Admission add(PendingRequest request) {
    InlineInstance instance;
    lock.lock();
    try {
      if (isClosed) {
        return Admission.CLOSED;
      }
      instance = idle.pollLast();
      running++;
    } finally {
      lock.unlock();
    }
    run(request, instance);
    return Admission.ACCEPTED;
  }

  private void run(PendingRequest request, @Nullable InlineInstance known) {
    InlineInstance instance = known;
    try {
      instance = instance == null ? instances.open() : instance;
      instance.runner().run(ScheduledBatch.of(request, List.of()));
    } catch (ServingException e) {
      instances.refuse(request, e);
    } finally {
      giveBack(instance);
    }
  }

  private void giveBack(@Nullable InlineInstance instance) {
    lock.lock();
    try {
      running--;
      if (instance != null) {
        idle.addLast(instance);
      }
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean remove(PendingRequest request) {
    return false;
  }

  @Override
  public int size() {
    return 0;
  }

  @Override
  public List<PendingRequest> close() {
    lock.lock();
    try {
      isClosed = true;
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitEnd() {
    lock.lock();
    try {
      while (running > 0) {
        ended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    idle.forEach(InlineInstance::close);
    instances.close();
  }
}
