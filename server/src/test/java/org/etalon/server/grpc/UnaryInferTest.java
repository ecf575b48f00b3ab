package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnaryInferTest {
  @TempDir private Path folder;
  private ServedEngine served;

  @BeforeEach
  void start() throws IOException {
    served = ServedEngine.start(folder);
  }

  @AfterEach
  void everyBufferIsGivenBack() {
    served.close();
  }

  @Test
  void answersWithTheModelsOutput() {
    ModelInferResponse response = served.stub().modelInfer(ServedEngine.request("plus", "7", 1, 2));
    assertThat(response.getModelName()).isEqualTo("plus");
    assertThat(response.getModelVersion()).isEqualTo("1");
    assertThat(response.getId()).isEqualTo("7");
    assertThat(response.getOutputs(0).getName()).isEqualTo("y");
    assertThat(response.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, 2L);
    assertThat(ServedEngine.floats(response)).containsExactly(2, 3);
  }

  @Test
  void takesTypedContents() {
    ModelInferRequest.Builder request = ServedEngine.request("plus", "", 1, 2).toBuilder();
    request.clearRawInputContents();
    request
        .getInputsBuilder(0)
        .setContents(InferTensorContents.newBuilder().addFp32Contents(5).addFp32Contents(6));
    assertThat(ServedEngine.floats(served.stub().modelInfer(request.build())))
        .containsExactly(6, 7);
  }

  @Test
  void takesRequestsThatArriveInManyPieces() {
    float[] row = new float[1 << 20];
    float[] expected = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = i;
      expected[i] = i + 1;
    }
    ModelInferResponse response = served.stub().modelInfer(ServedEngine.request("plus", "", row));
    assertThat(ServedEngine.floats(response)).isEqualTo(expected);
  }

  @Test
  void takesCompressedRequests() {
    ModelInferRequest request = ServedEngine.request("plus", "", new float[5000]);
    ModelInferResponse response = served.stub().withCompression("gzip").modelInfer(request);
    assertThat(ServedEngine.floats(response)).hasSize(5000).containsOnly(1f);
  }

  @Test
  void answersEachOfManyRequestsAtOnceWithItsOwn() throws Exception {
    List<ListenableFuture<ModelInferResponse>> answers = new ArrayList<>();
    var stub = GRPCInferenceServiceGrpc.newFutureStub(served.channel);
    for (int i = 0; i < 500; i++) {
      answers.add(stub.modelInfer(ServedEngine.request("plus", "r" + i, i, -i, 3 * i)));
    }
    for (int i = 0; i < answers.size(); i++) {
      ModelInferResponse answer = answers.get(i).get();
      assertThat(answer.getId()).isEqualTo("r" + i);
      assertThat(ServedEngine.floats(answer)).containsExactly(i + 1, 1 - i, 3 * i + 1);
    }
  }

  @Test
  void namesTheRequestInItsError() {
    ModelInferRequest.Builder request = ServedEngine.request("plus", "7", 1, 2).toBuilder();
    request.getInputsBuilder(0).setShape(1, 3);
    assertRefused(
        request.build(),
        Status.Code.INVALID_ARGUMENT,
        "[request id: 7] input byte size mismatch for input 'x' for model 'plus'. Expected 12, got"
            + " 8");
    assertRefused(
        request.setId("").build(),
        Status.Code.INVALID_ARGUMENT,
        "[request id: <id_unknown>] input byte size mismatch for input 'x' for model 'plus'."
            + " Expected 12, got 8");
  }

  @Test
  void saysThatAModelIsUnknown() {
    assertRefused(
        ServedEngine.request("none", "7", 1),
        Status.Code.NOT_FOUND,
        "Request for unknown model: 'none' is not found");
  }

  @Test
  void passesTheModelsFailureOn() {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().modelInfer(ServedEngine.request("bad", "7", 1)))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL))
        .withMessageContaining("[request id: 7] ")
        .withMessageContaining("failed, as ordered");
  }

  @Test
  void answersWithClassesWhereTheyAreAskedFor() {
    ModelInferRequest.Builder request = ServedEngine.request("plus", "", 1).toBuilder();
    request
        .addOutputsBuilder()
        .setName("y")
        .putParameters("classification", InferParameter.newBuilder().setInt64Param(3).build());
    var answer = served.stub().modelInfer(request.build());
    assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("BYTES");
    assertThat(answer.getRawOutputContents(0).toStringUtf8()).contains("2.000000:0");
  }

  @Test
  void refusesAClassificationWithoutACount() {
    ModelInferRequest.Builder request = ServedEngine.request("plus", "", 1).toBuilder();
    request
        .addOutputsBuilder()
        .setName("y")
        .putParameters("classification", InferParameter.newBuilder().setInt64Param(0).build());
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().modelInfer(request.build()))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
        .withMessageContaining("output 'y': parameter 'classification'");
  }

  @Test
  void answersDamagedMessagesWithAnErrorOrAResultAndGoesOn() {
    SplittableRandom random = new SplittableRandom(3);
    byte[] message = ServedEngine.request("plus", "7", 1, 2).toByteArray();
    for (int i = 0; i < 300; i++) {
      byte[] damaged = message.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        sendRaw(damaged);
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode())
            .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.UNIMPLEMENTED);
      }
    }
    assertThat(served.stub().modelInfer(ServedEngine.request("plus", "8", 1)).getId())
        .isEqualTo("8");
  }

  @Test
  void givesUpWhenTheDeadlineOfTheCallHasPassed() {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() ->
            served
                .stub()
                .withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                .modelInfer(ServedEngine.request("hold", "", 1)))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
  }

  @Test
  void letsGoOfRequestsWhoseClientHasGone() {
    CancellableContext context = Context.current().withCancellation();
    var stub = GRPCInferenceServiceGrpc.newFutureStub(served.channel);
    List<ListenableFuture<ModelInferResponse>> answers = new ArrayList<>();
    context.run(() -> {
      for (int i = 0; i < 50; i++) {
        answers.add(stub.modelInfer(ServedEngine.request("hold", "", new float[20_000])));
      }
    });
    // The connection works in order: when this is answered, the server has read the others.
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    context.cancel(null);
    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer).failsWithin(Duration.ofSeconds(30)));
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
  }

  @Test
  void refusesCallsThatAreNotOneRequest() throws Exception {
    assertThat(statusOfCallWith(0)).isIn(Status.Code.INTERNAL, Status.Code.CANCELLED);
    assertThat(statusOfCallWith(2)).isIn(Status.Code.INTERNAL, Status.Code.CANCELLED);
    assertThat(statusOfCallWith(1)).isEqualTo(Status.Code.OK);
  }

  private Status.Code statusOfCallWith(int requests) throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<ModelInferRequest, ModelInferResponse> call =
        served.channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(2);
    for (int i = 0; i < requests; i++) {
      call.sendMessage(ServedEngine.request("plus", "", new float[5000]));
    }
    call.halfClose();
    return end.get(30, TimeUnit.SECONDS).getCode();
  }

  @Test
  void refusesMessagesAboveTheLimit() throws IOException {
    GrpcConfig small =
        ServedEngine.localhost().withLimits(GrpcLimits.defaults().withMaxMessageBytes(1000));
    try (ServedEngine limited = ServedEngine.start(folder, small)) {
      assertThatExceptionOfType(StatusRuntimeException.class)
          .isThrownBy(
              () -> limited.stub().modelInfer(ServedEngine.request("plus", "", new float[1000])))
          .satisfies(
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }
  }

  private void assertRefused(ModelInferRequest request, Status.Code code, String text) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().modelInfer(request))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getStatus().getDescription()).isEqualTo(text));
  }

  private void sendRaw(byte[] message) {
    MethodDescriptor<byte[], byte[]> method =
        GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(new Bytes(), new Bytes()).build();
    ClientCall<byte[], byte[]> call = served.channel.newCall(method, CallOptions.DEFAULT);
    ClientCalls.blockingUnaryCall(call, message);
  }

  private static final class Bytes implements Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
