package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelStreamInferResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferStreamTest {
  private static final int WINDOW = 4;

  @TempDir private Path folder;
  private ServedEngine served;

  @BeforeEach
  void start() throws IOException {
    served =
        ServedEngine.start(
            folder,
            ServedEngine.localhost().withLimits(GrpcLimits.defaults().withStreamWindow(WINDOW)));
  }

  @AfterEach
  void everyBufferIsGivenBack() {
    served.close();
  }

  @Test
  void answersEveryRequestInOrderWhereOneInstanceServesThem() throws Exception {
    Client client = new Client(new Metadata());
    client.call.request(1000);
    for (int i = 0; i < 200; i++) {
      client.call.sendMessage(ServedEngine.request("plus", "r" + i, i));
    }
    client.call.halfClose();
    for (int i = 0; i < 200; i++) {
      ModelStreamInferResponse answer = client.next();
      assertThat(answer.getErrorMessage()).isEmpty();
      assertThat(answer.getInferResponse().getId()).isEqualTo("r" + i);
      assertThat(ServedEngine.floats(answer.getInferResponse())).containsExactly(i + 1);
    }
    assertThat(client.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void keepsTheOrderOfRequestsThatAreReadyInAnother() throws Exception {
    Client client = new Client(new Metadata());
    client.call.request(10);
    client.call.sendMessage(ServedEngine.request("hold", "first", 1));
    client.call.sendMessage(ServedEngine.request("none", "second", 1));
    client.call.sendMessage(ServedEngine.request("plus", "third", 1));
    client.call.halfClose();
    served.stub().modelInfer(ServedEngine.request("plus", "", 1)); // behind the third
    served.backend.release();
    for (String id : List.of("first", "second", "third")) {
      assertThat(client.next().getInferResponse().getId()).isEqualTo(id);
    }
    assertThat(client.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void goesOnAfterARequestThatFailed() throws Exception {
    Client client = new Client(new Metadata());
    client.call.request(10);
    client.call.sendMessage(ServedEngine.request("none", "1", 1));
    ModelStreamInferResponse failure = client.next();
    assertThat(failure.getErrorMessage())
        .isEqualTo("Request for unknown model: 'none' is not found");
    assertThat(failure.getInferResponse().getId()).isEqualTo("1");
    client.call.sendMessage(
        ServedEngine.request("plus", "2", 1).toBuilder().clearRawInputContents().build());
    assertThat(client.next().getErrorMessage())
        .isEqualTo(
            "[request id: 2] input byte size mismatch for input 'x' for model 'plus'. Expected 4,"
                + " got 0");
    client.call.sendMessage(ServedEngine.request("plus", "3", 1));
    assertThat(client.next().getInferResponse().getId()).isEqualTo("3");
    client.call.halfClose();
    assertThat(client.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void endsWithTheFirstErrorWhereTheClientWantsThat() throws Exception {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of(StreamInfer.TRITON_GRPC_ERROR, Metadata.ASCII_STRING_MARSHALLER), "true");
    Client client = new Client(headers);
    client.call.request(10);
    client.call.sendMessage(ServedEngine.request("hold", "1", 1));
    client.call.sendMessage(ServedEngine.request("none", "2", 1));
    assertThat(client.status()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void marksTheOneAnswerOfARequestAsItsLast() throws Exception {
    Client client = new Client(new Metadata());
    client.call.request(10);
    client.call.sendMessage(ServedEngine.request("plus", "1", 1));
    assertThat(client.next().getInferResponse().getParametersMap())
        .containsEntry(
            "triton_final_response", InferParameter.newBuilder().setBoolParam(true).build());
    client.call.halfClose();
    assertThat(client.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void readsNoMoreRequestsThanTheirAnswersAreTaken() throws Exception {
    int requests = 40;
    float[] row = new float[512 * 1024];
    Client client = new Client(new Metadata());
    for (int i = 0; i < requests; i++) {
      client.call.sendMessage(ServedEngine.request("plus", "r" + i, row));
    }
    client.call.halfClose();
    for (int i = 0; i < 20; i++) {
      served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    }
    assertThat(served.backend.runs()).isLessThanOrEqualTo(20 + 2 * WINDOW);
    for (int i = 0; i < requests; i++) {
      client.call.request(1);
      assertThat(client.next().getInferResponse().getId()).isEqualTo("r" + i);
    }
    client.call.request(1);
    assertThat(client.status()).isEqualTo(Status.Code.OK);
  }

  @Test
  void letsGoOfItsRequestsWhenTheClientGoes() throws Exception {
    Client client = new Client(new Metadata());
    client.call.request(10);
    for (int i = 0; i < WINDOW; i++) {
      client.call.sendMessage(ServedEngine.request("hold", "r" + i, new float[30_000]));
    }
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    client.call.cancel("gone", null);
    assertThat(client.status()).isEqualTo(Status.Code.CANCELLED);
  }

  /** A stream whose answers are taken when asked for. */
  private final class Client extends ClientCall.Listener<ModelStreamInferResponse> {
    private final ClientCall<ModelInferRequest, ModelStreamInferResponse> call =
        served.channel.newCall(
            GRPCInferenceServiceGrpc.getModelStreamInferMethod(), CallOptions.DEFAULT);
    private final BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    @SuppressWarnings("ThisEscapedInObjectConstruction")
    Client(Metadata headers) {
      call.start(this, headers);
    }

    @Override
    public void onMessage(ModelStreamInferResponse answer) {
      answers.add(answer);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end.complete(status);
    }

    ModelStreamInferResponse next() throws InterruptedException {
      ModelStreamInferResponse answer = answers.poll(30, TimeUnit.SECONDS);
      assertThat(answer).as("an answer").isNotNull();
      return Objects.requireNonNull(answer, "answer");
    }

    Status.Code status() throws Exception {
      return end.get(30, TimeUnit.SECONDS).getCode();
    }
  }
}
