package org.etalon.server.grpc;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.server.security.AccessControl;
import org.jspecify.annotations.Nullable;

/**
 * Asks every call who it comes from, and each message that is not an inference request whether the
 * asker may send it; inference requests name their model only once they are decoded, and are
 * checked there. Thread-safe.
 */
final class AccessInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final AccessControl access;
  private final Executor executor;

  /**
   * @param executor whose tasks may block
   */
  AccessInterceptor(AccessControl access, Executor executor) {
    this.access = access;
    this.executor = executor;
  }

  @Override
  public <Q, A> Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String authorization = headers.get(AUTHORIZATION);
    Guarded<Q, A> guarded = new Guarded<>(call, authorization);
    if (access.isImmediate(authorization)) {
      guarded.begin(next, headers);
    } else {
      guarded.authenticateFirst(next, headers);
    }
    return guarded;
  }

  /**
   * A call whose events wait, in their order, until it is known who sends them. gRPC brings them
   * one after another; those that waited are handled on the thread that found out.
   */
  private final class Guarded<Q, A> extends Listener<Q> {
    private final ServerCall<Q, A> call;
    private final @Nullable String authorization;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    /** Null before the call has begun, and when it was refused. Touched by events alone. */
    private @Nullable Listener<Q> handler;

    Guarded(ServerCall<Q, A> call, @Nullable String authorization) {
      this.call = call;
      this.authorization = authorization;
    }

    void begin(ServerCallHandler<Q, A> next, Metadata headers) {
      handler = next.startCall(call, headers);
    }

    void authenticateFirst(ServerCallHandler<Q, A> next, Metadata headers) {
      last =
          CompletableFuture.runAsync(
              () -> {
                try {
                  access.authenticate(authorization);
                  begin(next, headers);
                } catch (RuntimeException e) {
                  refuse(e);
                }
              },
              executor);
    }

    private void refuse(RuntimeException error) {
      handler = null;
      Throwable cause = error instanceof CompletionException ? error.getCause() : error;
      ServingException refusal =
          cause instanceof ServingException refused
              ? refused
              : new ServingException(ErrorCode.INTERNAL, "access control failed: " + cause);
      call.close(GrpcStatuses.of(refusal), new Metadata());
    }

    private void then(Runnable event) {
      last = last.thenRun(event);
    }

    @Override
    public void onMessage(Q message) {
      then(() -> take(message));
    }

    private void take(Q message) {
      Listener<Q> handling = handler;
      if (handling == null) {
        if (message instanceof ReceivedMessage received) {
          received.release();
        }
        return;
      }
      try {
        if (message instanceof Message request) {
          check(request);
        }
      } catch (ServingException e) {
        refuse(e);
        return;
      }
      handling.onMessage(message);
    }

    private void check(Message request) {
      String method = String.valueOf(call.getMethodDescriptor().getBareMethodName());
      access.check(
          authorization, MethodRights.of(method, request), MethodRights.model(method, request));
    }

    @Override
    public void onHalfClose() {
      then(() -> {
        if (handler != null) {
          handler.onHalfClose();
        }
      });
    }

    @Override
    public void onCancel() {
      then(() -> {
        if (handler != null) {
          handler.onCancel();
        }
      });
    }

    @Override
    public void onComplete() {
      then(() -> {
        if (handler != null) {
          handler.onComplete();
        }
      });
    }

    @Override
    public void onReady() {
      then(() -> {
        if (handler != null) {
          handler.onReady();
        }
      });
    }
  }
}
