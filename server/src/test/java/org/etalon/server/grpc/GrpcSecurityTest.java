package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelMetadataRequest;
import org.etalon.protocol.proto.ModelStreamInferResponse;
import org.etalon.protocol.proto.RepositoryIndexRequest;
import org.etalon.protocol.proto.RepositoryModelLoadRequest;
import org.etalon.protocol.proto.ServerLiveRequest;
import org.etalon.server.security.AccessConfig;
import org.etalon.server.security.TestCertificates;
import org.etalon.server.security.TestTokens;
import org.etalon.server.security.TlsFiles;
import org.etalon.server.security.TokenAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS and tokens on every method. */
final class GrpcSecurityTest {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path folder;
  private final TestTokens tokens = new TestTokens();

  private ServedEngine guarded() throws IOException {
    var access =
        new TokenAccess(AccessConfig.read(tokens.writeConfig(folder)), InstantSource.system());
    return ServedEngine.start(folder, ServedEngine.localhost(), access);
  }

  private Metadata bearer(String scope) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, tokens.bearer(TestTokens.claims(Instant.now(), scope).build()));
    return headers;
  }

  private GRPCInferenceServiceBlockingStub as(ServedEngine served, String scope) {
    return served.stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(scope)));
  }

  private static void assertRefused(Status.Code code, ThrowingCallable call) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }

  private static ModelMetadataRequest metadataOf(String model) {
    return ModelMetadataRequest.newBuilder().setName(model).build();
  }

  @Test
  void asksForATokenOnEveryMethodButThoseForHealth() throws Exception {
    try (ServedEngine served = guarded()) {
      var nobody = served.stub();
      assertThat(nobody.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
      var _ =
          HealthGrpc.newBlockingStub(served.channel).check(HealthCheckRequest.getDefaultInstance());
      assertRefused(
          Status.Code.UNAUTHENTICATED,
          () -> nobody.modelInfer(ServedEngine.request("plus", "", 1)));
      assertRefused(Status.Code.UNAUTHENTICATED, () -> nobody.modelMetadata(metadataOf("plus")));
      assertRefused(
          Status.Code.UNAUTHENTICATED,
          () -> nobody.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()));
      assertThat(errorOfStream(served, new Metadata())).contains("no bearer token");
      assertThat(statusOfReflection(served)).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void answersByTheRightsOfTheToken() throws Exception {
    try (ServedEngine served = guarded()) {
      var one = as(served, "etalon.infer:/plus");
      for (int i = 0; i < 2; i++) {
        assertThat(one.modelInfer(ServedEngine.request("plus", "7", 1)).getId()).isEqualTo("7");
      }
      assertThat(one.modelMetadata(metadataOf("plus")).getName()).isEqualTo("plus");
      assertRefused(
          Status.Code.PERMISSION_DENIED, () -> one.modelInfer(ServedEngine.request("bad", "7", 1)));
      assertRefused(Status.Code.PERMISSION_DENIED, () -> one.modelMetadata(metadataOf("bad")));
      assertRefused(
          Status.Code.PERMISSION_DENIED,
          () ->
              one.repositoryModelLoad(
                  RepositoryModelLoadRequest.newBuilder().setModelName("plus").build()));
      assertThat(errorOfStream(served, bearer("etalon.infer:/bad")))
          .contains("the token does not allow 'infer' of model 'plus'");
    }
  }

  @Test
  void refusesATokenThatIsNotOne() throws Exception {
    try (ServedEngine served = guarded()) {
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, "Bearer rubbish");
      var stub = served.stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      assertRefused(
          Status.Code.UNAUTHENTICATED, () -> stub.modelInfer(ServedEngine.request("plus", "", 1)));
      assertRefused(Status.Code.UNAUTHENTICATED, () -> stub.modelMetadata(metadataOf("plus")));
    }
  }

  /** What a stream answers to one request of {@code plus}. */
  private static String errorOfStream(ServedEngine served, Metadata headers) throws Exception {
    CompletableFuture<ModelStreamInferResponse> answer = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> requests =
        GRPCInferenceServiceGrpc.newStub(served.channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .modelStreamInfer(first(answer));
    requests.onNext(ServedEngine.request("plus", "", 1));
    String error = answer.get(30, TimeUnit.SECONDS).getErrorMessage();
    requests.onCompleted();
    return error;
  }

  private static Status.Code statusOfReflection(ServedEngine served) throws Exception {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(served.channel).serverReflectionInfo(first(answer));
    questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    return answer
        .handle((_, error) -> Status.fromThrowable(error).getCode())
        .get(30, TimeUnit.SECONDS);
  }

  private static <T> StreamObserver<T> first(CompletableFuture<? super T> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable error) {
        answer.completeExceptionally(error);
      }

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void speaksTls() throws Exception {
    var server = new TestCertificates(folder, "server");
    var tls = new TlsFiles(server.certificate(), server.key(), Optional.empty());
    try (ServedEngine served = ServedEngine.start(folder, ServedEngine.localhost().withTls(tls))) {
      assertThat(answerUnderTls(served, server, List.of())).isEqualTo("7");
    }
  }

  @Test
  void asksClientsForCertificatesWhereRootsAreGiven() throws Exception {
    var server = new TestCertificates(folder, "server");
    var known = new TestCertificates(folder, "known");
    var tls = new TlsFiles(server.certificate(), server.key(), Optional.of(known.certificate()));
    try (ServedEngine served = ServedEngine.start(folder, ServedEngine.localhost().withTls(tls))) {
      assertRefused(Status.Code.UNAVAILABLE, () -> answerUnderTls(served, server, List.of()));
      assertRefused(Status.Code.UNAVAILABLE, () -> answerUnderTls(served, server, List.of(server)));
      assertThat(answerUnderTls(served, server, List.of(known))).isEqualTo("7");
    }
  }

  private static String answerUnderTls(
      ServedEngine served, TestCertificates server, List<TestCertificates> own)
      throws SSLException {
    SslContextBuilder client =
        GrpcSslContexts.forClient().trustManager(server.certificate().toFile());
    own.forEach(shown -> client.keyManager(shown.certificate().toFile(), shown.key().toFile()));
    var context = client.build();
    ManagedChannel channel = served.channel(builder -> sslContext(builder, context));
    try {
      return GRPCInferenceServiceGrpc.newBlockingStub(channel)
          .modelInfer(ServedEngine.request("plus", "7", 1))
          .getId();
    } finally {
      channel.shutdownNow();
    }
  }

  private static NettyChannelBuilder sslContext(
      NettyChannelBuilder builder, io.netty.handler.ssl.SslContext context) {
    return builder.useTransportSecurity().sslContext(context);
  }
}
