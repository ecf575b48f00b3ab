package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.protocol.proto.InferStatistics;
import org.etalon.protocol.proto.LogSettingsRequest;
import org.etalon.protocol.proto.ModelConfigRequest;
import org.etalon.protocol.proto.ModelMetadataRequest;
import org.etalon.protocol.proto.ModelMetadataResponse;
import org.etalon.protocol.proto.ModelReadyRequest;
import org.etalon.protocol.proto.ModelRepositoryParameter;
import org.etalon.protocol.proto.ModelStatistics;
import org.etalon.protocol.proto.ModelStatisticsRequest;
import org.etalon.protocol.proto.RepositoryIndexRequest;
import org.etalon.protocol.proto.RepositoryModelLoadRequest;
import org.etalon.protocol.proto.RepositoryModelUnloadRequest;
import org.etalon.protocol.proto.ServerLiveRequest;
import org.etalon.protocol.proto.ServerMetadataRequest;
import org.etalon.protocol.proto.ServerMetadataResponse;
import org.etalon.protocol.proto.ServerReadyRequest;
import org.etalon.protocol.proto.TraceSettingRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServiceTest {
  @TempDir private Path folder;
  private ServedEngine served;

  @BeforeEach
  void start() throws IOException {
    served = ServedEngine.start(folder);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void saysThatItIsLiveAndReady() {
    assertThat(served.stub().serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(served.stub().serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
        .isTrue();
  }

  @Test
  void saysWhetherAModelIsReadyRatherThanFail() {
    assertThat(isReady("plus", "")).isTrue();
    assertThat(isReady("plus", "1")).isTrue();
    assertThat(isReady("plus", "2")).isFalse();
    assertThat(isReady("plus", "newest")).isFalse();
    assertThat(isReady("none", "")).isFalse();
    assertThat(isReady("", "")).isFalse();
  }

  private boolean isReady(String name, String version) {
    return served
        .stub()
        .modelReady(ModelReadyRequest.newBuilder().setName(name).setVersion(version).build())
        .getReady();
  }

  @Test
  void saysWhoItIs() {
    ServerMetadataResponse metadata =
        served.stub().serverMetadata(ServerMetadataRequest.getDefaultInstance());
    assertThat(metadata.getName()).isEqualTo("etalon");
    assertThat(metadata.getVersion()).isEqualTo("1.2.3");
    assertThat(metadata.getExtensionsList()).containsExactly("statistics");
  }

  @Test
  void describesAModel() {
    ModelMetadataResponse metadata =
        served.stub().modelMetadata(ModelMetadataRequest.newBuilder().setName("plus").build());
    assertThat(metadata.getName()).isEqualTo("plus");
    assertThat(metadata.getVersionsList()).containsExactly("1");
    assertThat(metadata.getInputs(0).getName()).isEqualTo("x");
    assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L, -1L);
    assertThat(metadata.getOutputs(0).getName()).isEqualTo("y");
  }

  @Test
  void givesTheConfigurationOfAModel() {
    assertThat(
            served
                .stub()
                .modelConfig(ModelConfigRequest.newBuilder().setName("plus").build())
                .getConfig())
        .satisfies(config -> assertThat(config.getName()).isEqualTo("plus"))
        .satisfies(config -> assertThat(config.getMaxBatchSize()).isEqualTo(8));
  }

  @Test
  void saysThatAModelIsUnknown() {
    assertRefused(
        () ->
            served.stub().modelMetadata(ModelMetadataRequest.newBuilder().setName("none").build()),
        Status.Code.NOT_FOUND,
        "Request for unknown model: 'none' is not found");
  }

  @Test
  void countsWhatAModelHasDone() {
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    ModelStatistics statistics = statistics("plus");
    assertThat(statistics.getVersion()).isEqualTo("1");
    assertThat(statistics.getInferenceStats())
        .extracting(InferStatistics::hasSuccess, InferStatistics::hasCacheHit)
        .containsExactly(true, true);
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> statistics("none"))
        .withMessage("INVALID_ARGUMENT: requested model 'none' is not available");
  }

  private ModelStatistics statistics(String model) {
    return served
        .stub()
        .modelStatistics(ModelStatisticsRequest.newBuilder().setName(model).build())
        .getModelStats(0);
  }

  @Test
  void listsTheRepository() {
    assertThat(
            served
                .stub()
                .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                .getModelsList())
        .extracting(model -> model.getName() + "/" + model.getVersion() + " " + model.getState())
        .containsExactly("bad/1 READY", "hold/1 READY", "plus/1 READY");
  }

  @Test
  void refusesToUnloadWhereModelsAreNotControlledByRequest() {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() ->
            served
                .stub()
                .repositoryModelUnload(
                    RepositoryModelUnloadRequest.newBuilder().setModelName("plus").build()))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void refusesLoadParametersItDoesNotKnow() {
    assertRefused(
        () ->
            served
                .stub()
                .repositoryModelLoad(
                    RepositoryModelLoadRequest.newBuilder()
                        .setModelName("plus")
                        .putParameters("colour", ModelRepositoryParameter.getDefaultInstance())
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "unrecognized load parameter 'colour' of model 'plus' (expected: 'config', 'file:<version>/<name>')");
  }

  @Test
  void refusesUnloadParametersItDoesNotKnow() {
    assertRefused(
        () ->
            served
                .stub()
                .repositoryModelUnload(
                    RepositoryModelUnloadRequest.newBuilder()
                        .setModelName("plus")
                        .putParameters("force", ModelRepositoryParameter.getDefaultInstance())
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "unload parameter 'force' (expected: 'unload_dependents', a bool)");
  }

  @Test
  void tellsTheSettingsOfTracesAndRefusesToTraceIntoNowhere() {
    assertThat(
            served.stub().traceSetting(TraceSettingRequest.getDefaultInstance()).getSettingsMap())
        .containsOnlyKeys(
            "trace_file",
            "trace_level",
            "trace_rate",
            "trace_count",
            "log_frequency",
            "trace_mode");
    TraceSettingRequest on =
        TraceSettingRequest.newBuilder()
            .putSettings(
                "trace_level",
                TraceSettingRequest.SettingValue.newBuilder().addValue("TIMESTAMPS").build())
            .build();
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().traceSetting(on))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
        .withMessageContaining("--trace-config");
  }

  @Test
  void tellsTheSettingsOfALogThatIsAnothersAndRefusesToChangeThem() {
    assertThat(served.stub().logSettings(LogSettingsRequest.getDefaultInstance()).getSettingsMap())
        .containsKeys("log_file", "log_info", "log_verbose_level", "log_format");
    LogSettingsRequest quiet =
        LogSettingsRequest.newBuilder()
            .putSettings(
                "log_info",
                LogSettingsRequest.SettingValue.newBuilder().setBoolParam(false).build())
            .build();
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().logSettings(quiet))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED))
        .withMessageContaining("belongs to the program");
  }

  private static void assertRefused(ThrowingCallable call, Status.Code code, String text) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getStatus().getDescription()).isEqualTo(text));
  }
}
