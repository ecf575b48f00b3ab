package org.etalon.engine.repository;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * One request that a canary is tried with: its answer, or that of the version in production. The
 * asker's inputs are lent until it is answered, which is after both. Thread-safe, since what is
 * asked for is asked one after the other.
 */
final class CanaryRequest implements ResponseHandler, InferenceCall {
  private static final InferenceCall NONE =
      new InferenceCall() {
        @Override
        public void cancel() {}
      };
  private static final InferenceCall CANCELLED =
      new InferenceCall() {
        @Override
        public void cancel() {}
      };

  private final CanaryTrial trial;
  private final InferenceRequest request;
  private final ResponseHandler asker;
  private final BiFunction<InferenceRequest, ResponseHandler, InferenceCall> production;
  private final long begun = System.nanoTime();

  /** Where it is under way, for who wants to give up; {@link #CANCELLED} once somebody did. */
  private final AtomicReference<InferenceCall> underWay = new AtomicReference<>(NONE);

  CanaryRequest(
      CanaryTrial trial,
      InferenceRequest request,
      ResponseHandler asker,
      BiFunction<InferenceRequest, ResponseHandler, InferenceCall> production) {
    this.trial = trial;
    this.request = request;
    this.asker = asker;
    this.production = production;
  }

  /** Asks the canary, whose gate has been entered. */
  InferenceCall begin() {
    // Answered before this returns, it may already be under way elsewhere.
    InferenceCall call = trial.gate().served().submit(request, this);
    if (!underWay.compareAndSet(NONE, call)) {
      cancelIfGivenUp(call);
    }
    return this;
  }

  private void cancelIfGivenUp(InferenceCall call) {
    if (underWay.get() == CANCELLED) {
      call.cancel();
    }
  }

  private void askProduction(ResponseHandler handler) {
    InferenceCall before = underWay.get();
    InferenceCall call = production.apply(request, handler);
    if (!underWay.compareAndSet(before, call) || before == CANCELLED) {
      cancelIfGivenUp(call);
    }
  }

  @Override
  public void onResponse(InferenceResponse response, boolean isLast) {
    trial.answered(System.nanoTime() - begun);
    if (trial.comparesScores()) {
      askProduction(new Comparison(response));
    } else {
      asker.onResponse(response, isLast);
    }
  }

  @Override
  public void onError(ServingException error) {
    if (error.code() == ErrorCode.CANCELLED) {
      asker.onError(error);
    } else {
      askProduction(new Second(error));
    }
  }

  @Override
  public boolean isReady() {
    return asker.isReady();
  }

  @Override
  public @Nullable RequestTrace trace() {
    return asker.trace();
  }

  @Override
  public void cancel() {
    InferenceCall call = underWay.getAndSet(CANCELLED);
    call.cancel();
  }

  /** Takes the answer of the version in production where the canary gave none. */
  private final class Second implements ResponseHandler {
    private final ServingException first;

    Second(ServingException first) {
      this.first = first;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      trial.erred(String.valueOf(first.getMessage()));
      asker.onResponse(response, isLast);
    }

    @Override
    public void onError(ServingException error) {
      asker.onError(error); // the request is to blame, or the service is busy
    }
  }

  /** Takes the answer of the version in production to compare the canary's with. */
  private final class Comparison implements ResponseHandler {
    private final InferenceResponse canarys;

    Comparison(InferenceResponse canarys) {
      this.canarys = canarys;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      boolean isGood = trial.compared(OutputShift.of(canarys.outputs(), response.outputs()));
      (isGood ? response : canarys).close();
      asker.onResponse(isGood ? canarys : response, isLast);
    }

    @Override
    public void onError(ServingException error) {
      asker.onResponse(canarys, true); // nothing to compare with
    }
  }
}
