package org.etalon.server.grpc;

import com.google.protobuf.Message;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import org.etalon.inference.ServingException;
import org.etalon.server.internal.http2.Http2Stream;

/**
 * A method whose calls a generated class handles: the control methods, health, reflection, which
 * are asked rarely. Thread-safe.
 */
record StubMethod<Q, A>(ServerMethodDefinition<Q, A> definition) implements GrpcMethod {
  @Override
  public GrpcCall start(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
    Call<Q, A> call = new Call<>(stream, headers, settings, definition.getMethodDescriptor());
    call.listener = definition.getServerCallHandler().startCall(call.handle, new Metadata());
    return call;
  }

  /** The call as its connection sees it. */
  private static final class Call<Q, A> extends GrpcCall {
    private final Handle<Q, A> handle;
    private ServerCall.Listener<Q> listener = new ServerCall.Listener<>() {};

    Call(
        Http2Stream stream,
        Http2Headers headers,
        GrpcSettings settings,
        MethodDescriptor<Q, A> method) {
      super(stream, headers, settings);
      this.handle = new Handle<>(this, method);
    }

    @Override
    void onMessage(ReceivedMessage message) {
      byte[] bytes;
      try {
        bytes = message.memory().toArray(ValueLayout.JAVA_BYTE);
      } finally {
        message.release();
      }
      Q request;
      try {
        request = handle.method.parseRequest(new ByteArrayInputStream(bytes));
      } catch (RuntimeException e) {
        close(
            Status.INVALID_ARGUMENT.withDescription(
                "not a request of %s: %s"
                    .formatted(handle.method.getBareMethodName(), e.getMessage())));
        return;
      }
      try {
        check((Message) request);
      } catch (ServingException e) {
        close(GrpcStatuses.of(e));
        return;
      }
      listener.onMessage(request);
    }

    private void check(Message request) {
      String method = String.valueOf(handle.method.getBareMethodName());
      settings()
          .access()
          .check(
              authorization(),
              MethodRights.of(method, request),
              MethodRights.model(method, request));
    }

    @Override
    void onHalfClose() {
      listener.onHalfClose();
    }

    @Override
    void onCancel() {
      handle.isCancelled = true;
      listener.onCancel();
    }

    @Override
    void onReady() {
      listener.onReady();
    }
  }

  /** The call as its handler sees it, from any thread. */
  private static final class Handle<Q, A> extends ServerCall<Q, A> {
    private final Call<Q, A> call;
    private final MethodDescriptor<Q, A> method;
    private volatile boolean isCancelled;

    Handle(Call<Q, A> call, MethodDescriptor<Q, A> method) {
      this.call = call;
      this.method = method;
    }

    private void later(Runnable action) {
      call.execute(action);
    }

    @Override
    public void request(int messages) {
      later(() -> call.request(messages));
    }

    @Override
    public void sendHeaders(Metadata headers) {
      later(call::sendHeaders);
    }

    @Override
    public void sendMessage(A message) {
      byte[] bytes = bytes(message);
      later(() -> call.sendMessage(new BufferPayload(Unpooled.wrappedBuffer(bytes))));
    }

    private byte[] bytes(A message) {
      try (InputStream stream = method.streamResponse(message)) {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("a message in the server's own memory", e);
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      later(() -> {
        call.close(status);
        call.listener.onComplete();
      });
    }

    @Override
    public boolean isReady() {
      return !isCancelled;
    }

    @Override
    public boolean isCancelled() {
      return isCancelled;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      return method;
    }
  }
}
