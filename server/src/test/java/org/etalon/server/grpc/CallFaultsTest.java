package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelStreamInferResponse;
import org.etalon.protocol.proto.ServerMetadataRequest;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.Right;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in the server itself ends the one call; closing asserts that all is freed. */
class CallFaultsTest {
  private static final ModelInferRequest LARGE =
      ServedEngine.request("plus", "large", new float[250_000]);

  @TempDir private Path folder;

  private static void assertEndsWithInternal(ThrowingCallable call, String text) {
    assertIsInternal(catchThrowableOfType(StatusRuntimeException.class, call), text);
  }

  private static void assertIsInternal(StatusRuntimeException end, String text) {
    assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(end).hasMessageContaining(text);
  }

  @Test
  void aUnaryCallEndsWhoseAnswerCannotBeWritten() throws IOException {
    try (ServedEngine served = ServedEngine.start(folder)) {
      served.memory.limitTo(500_000);
      assertEndsWithInternal(() -> served.stub().modelInfer(LARGE), "as ordered");
      assertThat(served.stub().modelInfer(ServedEngine.request("plus", "small", 1)).getId())
          .isEqualTo("small");
    }
  }

  @Test
  void aStreamEndsWhoseAnswerCannotBeWrittenAndLetsItsOtherRequestsGo() throws IOException {
    try (ServedEngine served = ServedEngine.start(folder)) {
      served.memory.limitTo(500_000);
      var end = new End();
      StreamObserver<ModelInferRequest> requests =
          GRPCInferenceServiceGrpc.newStub(served.channel).modelStreamInfer(end);
      requests.onNext(LARGE);
      requests.onNext(ServedEngine.request("hold", "waits", 1));
      assertIsInternal(end.await(), "as ordered");
      assertThat(served.stub().modelInfer(ServedEngine.request("plus", "small", 1)).getId())
          .isEqualTo("small");
    }
  }

  @Test
  void callsEndWhoseRequestsCannotBeChecked() throws IOException {
    try (ServedEngine served =
        ServedEngine.start(folder, ServedEngine.localhost(), new BrokenAccess())) {
      assertEndsWithInternal(() -> served.stub().modelInfer(LARGE), "a bug");
      assertEndsWithInternal(
          () -> served.stub().serverMetadata(ServerMetadataRequest.getDefaultInstance()), "a bug");
      var end = new End();
      GRPCInferenceServiceGrpc.newStub(served.channel).modelStreamInfer(end).onNext(LARGE);
      assertIsInternal(end.await(), "a bug");
    }
  }

  /** How a stream ended. */
  private static final class End implements StreamObserver<ModelStreamInferResponse> {
    private final CompletableFuture<StatusRuntimeException> end = new CompletableFuture<>();

    StatusRuntimeException await() {
      return end.join();
    }

    @Override
    public void onNext(ModelStreamInferResponse answer) {}

    @Override
    public void onError(Throwable error) {
      end.complete((StatusRuntimeException) error);
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK.asRuntimeException());
    }
  }

  /** Access control with a bug. */
  private static final class BrokenAccess implements AccessControl {
    @Override
    public boolean isImmediate(@Nullable String authorization) {
      return true;
    }

    @Override
    public void authenticate(@Nullable String authorization) {}

    @Override
    public void check(@Nullable String authorization, Right right, @Nullable String model) {
      throw new IllegalStateException("a bug");
    }
  }
}
