package org.etalon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ModelId;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.FakeLog;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.TraceConfig;
import org.etalon.server.observation.Tracing;
import org.etalon.server.security.AccessControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the paths answer with a real engine behind them. */
final class EndpointsTest {
  private static final String INPUT = "{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",%s}";
  private static final String REQUEST =
      "{\"id\":\"r\",\"inputs\":[" + INPUT.formatted("\"data\":[1,2.5]") + "]}";

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final FakeBackend backend = new FakeBackend();
  private final HttpClient client = HttpClient.newHttpClient();
  private final FakeLog log = new FakeLog();
  private Tracing tracing;
  private Path traceFile;
  private Engine engine;
  private HttpFront front;

  @BeforeEach
  void serve(@TempDir Path folder) throws Exception {
    new FakeRepository(folder)
        .model("add", 1, "add 1")
        .model("two", 1, "outputs y z", "add 2")
        .model("spare", 1, "add 3")
        .model("hold", 1, "hold")
        .model("fail", 1, "fail")
        .model("bad", 1);
    var config =
        EngineConfig.of(List.of(folder))
            .withControl(EngineConfig.ModelControl.EXPLICIT, Set.of("add", "two", "hold", "fail"))
            .withShutdownGrace(Duration.ofSeconds(10))
            .withDefaultMaxBatchSize(8);
    engine = Engine.start(config, List.of(backend));
    traceFile = folder.resolve("trace.json");
    tracing = Tracing.start(TraceConfig.parse(List.of("triton,file=" + traceFile)));
    front =
        HttpFront.start(
            HttpConfig.of("127.0.0.1", 0),
            Endpoints.of(
                engine,
                ServerIdentity.current(),
                AccessControl.open(),
                new SharedRegions(true),
                new Observation(log, tracing),
                ForwardedHeaders.none()),
            memory);
  }

  @AfterEach
  void givesAllMemoryBack() {
    backend.release();
    client.close();
    engine.close();
    front.close();
    tracing.close();
    assertThat(memory.metric().usedDirectMemory()).isZero();
    assertThat(memory.metric().usedHeapMemory()).isZero();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + front.address().getPort() + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  @Test
  void infersInJson() throws Exception {
    HttpResponse<String> response = post("/v2/models/add/infer", REQUEST);
    assertThat(response.body())
        .isEqualTo(
            "{\"id\":\"r\",\"model_name\":\"add\",\"model_version\":\"1\",\"outputs\":"
                + "[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[2.0,3.5]}]}");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(response.headers().firstValue("inference-header-content-length")).isEmpty();
    assertThat(post("/v2/models/add/versions/1/infer", REQUEST).body()).isEqualTo(response.body());
  }

  @Test
  void infersInBinaryBothWaysAndMixesItWithJson() throws Exception {
    String json =
        "{\"inputs\":["
            + INPUT.formatted("\"parameters\":{\"binary_data_size\":8}")
            + "],\"outputs\":[{\"name\":\"z\",\"parameters\":{\"binary_data\":true}},{\"name\":\"y\"}]}";
    HttpResponse<byte[]> response =
        postBinary("/v2/models/two/infer", Integer.toString(json.length()), json, 1, 2.5f);
    int length = headerLength(response);
    assertThat(response.headers().firstValue("content-type")).contains("application/octet-stream");
    assertThat(new String(response.body(), 0, length, StandardCharsets.UTF_8))
        .contains(
            "\"name\":\"z\",\"datatype\":\"FP32\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":8}")
        .contains("\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[3.0,4.5]");
    assertThat(floats(response.body(), length)).containsExactly(3f, 4.5f);
  }

  @Test
  void infersFromNothingButTheBytesOfTheInput() throws Exception {
    HttpResponse<byte[]> response = postBinary("/v2/models/add/infer", "0", "", 1, 2, 3);
    assertThat(floats(response.body(), headerLength(response))).containsExactly(2f, 3f, 4f);
  }

  @Test
  void infersWhatIsTooLongForTheEventLoop() throws Exception {
    int count = 400_000;
    String ones = "1.25,".repeat(count - 1) + "1.25";
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":[%s]}],\"parameters\":{\"binary_data_output\":true}}"
            .formatted(count, ones);
    HttpResponse<byte[]> response =
        client.send(
            request("/v2/models/add/infer").POST(BodyPublishers.ofString(json)).build(),
            BodyHandlers.ofByteArray());
    assertThat(floats(response.body(), headerLength(response))).hasSize(count).containsOnly(2.25f);
  }

  @Test
  void compressesAnAnswerAndLeavesTheLengthOfItsPlainJson() throws Exception {
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":["
            + INPUT.formatted("\"data\":[1,2]")
            + "]}";
    HttpResponse<byte[]> plain =
        client.send(
            request("/v2/models/add/infer").POST(BodyPublishers.ofString(json)).build(),
            BodyHandlers.ofByteArray());
    HttpResponse<byte[]> compressed =
        client.send(
            request("/v2/models/add/infer")
                .header("Accept-Encoding", "gzip")
                .POST(BodyPublishers.ofString(json))
                .build(),
            BodyHandlers.ofByteArray());
    assertThat(headerLength(compressed)).isEqualTo(headerLength(plain));
    assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes())
        .isEqualTo(plain.body());
  }

  @Test
  void namesTheRequestAndTheFaultOfABadOne() throws Exception {
    HttpResponse<String> response = post("/v2/models/add/infer", REQUEST.replace("\"x\"", "\"q\""));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).startsWith("{\"error\":\"[request id: r] ").contains("q");
    assertThat(post("/v2/models/add/infer", "{").statusCode()).isEqualTo(400);
    assertThat(post("/v2/models/nope/infer", REQUEST))
        .satisfies(r -> assertThat(r.statusCode()).isEqualTo(404))
        .satisfies(
            r -> assertThat(r.body()).startsWith("{\"error\":\"Request for unknown model: 'nope'"));
    assertThat(post("/v2/models/add/versions/9/infer", REQUEST).statusCode()).isEqualTo(404);
    assertThat(post("/v2/models/add/versions/x/infer", REQUEST).statusCode()).isEqualTo(400);
    assertThat(post("/v2/models/fail/infer", REQUEST).statusCode()).isEqualTo(500);
  }

  @Test
  void dropsAWaitingRequestWhenItsClientGoes() throws Exception {
    try (RawClient first = new RawClient(front.address().getPort())) {
      first.send(rawPost());
      await(() -> backend.runs() == 1);
      try (RawClient second = new RawClient(front.address().getPort())) {
        second.send(rawPost());
        await(() -> statistics("hold").pendingRequests() == 1);
      }
      await(() -> statistics("hold").fail().count() == 1);
      backend.release();
      assertThat(first.read().status()).isEqualTo(200);
    }
  }

  private static String rawPost() {
    return "POST /v2/models/hold/infer HTTP/1.1\r\nContent-Length: "
        + REQUEST.length()
        + "\r\n\r\n"
        + REQUEST;
  }

  private ModelStatistics statistics(String model) {
    return engine.statistics(Optional.of(model), OptionalLong.empty()).getFirst();
  }

  private interface Condition {
    boolean holds();
  }

  /** Another thread's progress shows only in the engine's numbers. */
  private static void await(Condition condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void tellsWhatIsReady() throws Exception {
    assertThat(get("/v2/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/v2/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/add/ready").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/add/versions/1/ready").statusCode()).isEqualTo(200);
    assertThat(get("/v2/models/add/versions/2/ready").statusCode()).isEqualTo(400);
    assertThat(get("/v2/models/nope/ready").statusCode()).isEqualTo(400);
    assertThat(post("/v2/repository/models/bad/load", "").statusCode()).isEqualTo(400);
    assertThat(get("/v2/health/ready").statusCode()).isEqualTo(400);
    assertThat(get("/v2/health/live")).satisfies(r -> assertThat(r.body()).isEmpty());
  }

  @Test
  void describesTheServerAndItsModels() throws Exception {
    assertThat(get("/v2").body()).startsWith("{\"name\":\"etalon\",\"version\":\"0.");
    assertThat(get("/v2/").body())
        .contains("\"extensions\":[\"classification\"")
        .contains("\"system_shared_memory\"");
    assertThat(get("/v2/models/add").body())
        .contains("\"name\":\"add\",\"versions\":[\"1\"]")
        .contains("\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,-1]}]");
    assertThat(get("/v2/models/add/versions/1/config").body())
        .contains("\"max_batch_size\":8", "\"data_type\":\"TYPE_FP32\"");
    assertThat(get("/v2/models/nope").statusCode()).isEqualTo(404);
    assertThat(get("/v2/models/nope/config").statusCode()).isEqualTo(404);
  }

  @Test
  void countsWhatModelsHaveDone() throws Exception {
    post("/v2/models/add/infer", REQUEST);
    await(() -> statistics("add").success().count() == 1);
    assertThat(get("/v2/models/add/stats").body())
        .startsWith("{\"model_stats\":[{\"name\":\"add\",\"version\":\"1\",\"last_inference\":")
        .contains(
            "\"inference_count\":1,\"execution_count\":1,\"inference_stats\":{\"success\":{\"count\":1,\"ns\":")
        .contains("\"batch_stats\":[{\"batch_size\":1,\"compute_input\":{\"count\":1,");
    assertThat(get("/v2/models/stats").body()).contains("\"two\"", "\"fail\"");
    assertThat(get("/v2/models/nope/stats"))
        .satisfies(r -> assertThat(r.statusCode()).isEqualTo(400))
        .satisfies(r -> assertThat(r.body()).contains("requested model 'nope' is not available"));
  }

  @Test
  void listsLoadsAndUnloadsModels() throws Exception {
    assertThat(post("/v2/repository/index", "").body()).contains("{\"name\":\"spare\"}");
    assertThat(post("/v2/repository/models/spare/load", "").statusCode()).isEqualTo(200);
    assertThat(post("/v2/repository/index", "{\"ready\":true}").body())
        .contains("{\"name\":\"spare\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}")
        .doesNotContain("\"bad\"");
    String unload = "{\"parameters\":{\"unload_dependents\":true}}";
    assertThat(post("/v2/repository/models/spare/unload", unload).statusCode()).isEqualTo(200);
    await(() -> !engine.isReady(ModelId.of("spare"))); // unloading answers once accepted
    assertThat(get("/v2/models/spare/ready").statusCode()).isEqualTo(400);
    assertThat(post("/v2/repository/models/nope/load", "{}").body()).contains("nope");
    String files = "{\"parameters\":{\"file:1/model.fake\":\"YWRkIDE=\"}}";
    assertThat(post("/v2/repository/models/spare/load", files).body())
        .contains("Load parameter 'config' must be specified for model file override");
    assertThat(post("/v2/repository/index", "[]").statusCode()).isEqualTo(400);
  }

  @Test
  void tellsAndChangesTheSettingsOfTraces() throws Exception {
    String off =
        "{\"trace_file\":\"%s\",\"trace_level\":[\"OFF\"],\"trace_rate\":\"1000\",\"trace_count\":\"-1\","
            .formatted(traceFile);
    assertThat(get("/v2/trace/setting").body())
        .isEqualTo(off + "\"log_frequency\":\"0\",\"trace_mode\":\"triton\"}");
    String change = "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_rate\":5}";
    assertThat(post("/v2/models/add/trace/setting", change).body())
        .contains("[\"TIMESTAMPS\"]")
        .contains("\"trace_rate\":\"5\"");
    assertThat(get("/v2/models/two/trace/setting").body()).startsWith(off);
    assertThat(post("/v2/models/add/trace/setting", "{\"trace_level\":null}").body())
        .contains("[\"OFF\"]")
        .contains("\"trace_rate\":\"5\"");
    HttpResponse<String> unknown = post("/v2/models/none/trace/setting", change);
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains("Request for unknown model : none");
    assertThat(post("/v2/trace/setting", "{\"trace_file\":\"/tmp/x\"}").body())
        .contains("--trace-config");
    assertThat(post("/v2/trace/setting", "{\"trace_level\":[\"LOTS\"]}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void writesTheTraceOfARequestIntoTheFile() throws Exception {
    post(
        "/v2/trace/setting", "{\"trace_level\":[\"TIMESTAMPS\",\"TENSORS\"],\"trace_rate\":\"1\"}");
    post("/v2/models/add/infer", REQUEST);
    tracing.close();
    List<String> lines = Files.readAllLines(traceFile);
    assertThat(lines).startsWith("[").endsWith("]");
    assertThat(lines.get(1))
        .isEqualTo("{\"model_name\":\"add\",\"model_version\":1,\"id\":1,\"request_id\":\"r\"},");
    assertThat(lines.stream().filter(line -> line.contains("timestamps")))
        .extracting(line -> line.replaceAll(".*\"name\":\"([A-Z_]+)\".*", "$1"))
        .containsExactly(
            "HTTP_RECV_START",
            "HTTP_RECV_END",
            "REQUEST_START",
            "QUEUE_START",
            "COMPUTE_START",
            "COMPUTE_INPUT_END",
            "COMPUTE_OUTPUT_START",
            "COMPUTE_END",
            "REQUEST_END",
            "HTTP_SEND_START",
            "HTTP_SEND_END");
    assertThat(lines)
        .contains(
            "{\"id\":1,\"activity\":\"TENSOR_QUEUE_INPUT\",\"tensor\":{\"name\":\"x\",\"data\":\"1.0,2.5\",\"shape\":\"1,2\",\"dtype\":\"FP32\"}},");
  }

  @Test
  void generatesInPlainJson() throws Exception {
    HttpResponse<String> one = post("/v2/models/add/generate", "{\"id\":\"r\",\"x\":1.5}");
    assertThat(one.body())
        .isEqualTo("{\"id\":\"r\",\"model_name\":\"add\",\"model_version\":\"1\",\"y\":2.5}");
    assertThat(one.headers().firstValue("content-type")).contains("application/json");
    HttpResponse<String> streamed =
        post("/v2/models/two/versions/1/generate_stream", "{\"x\":[1,2]}");
    assertThat(streamed.body())
        .isEqualTo(
            "data: {\"model_name\":\"two\",\"model_version\":\"1\",\"y\":[3.0,4.0],\"z\":[3.0,4.0]}\n\n");
    assertThat(streamed.headers().firstValue("content-type"))
        .contains("text/event-stream; charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate", "generate_stream"})
  void saysPlainlyWhatItCannotGenerate(String endpoint) throws Exception {
    HttpResponse<String> failed = post("/v2/models/fail/" + endpoint, "{\"id\":\"r\",\"x\":1}");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).startsWith("{\"error\":\"[request id: r] ");
    assertThat(post("/v2/models/nope/" + endpoint, "{}").statusCode()).isEqualTo(404);
    assertThat(post("/v2/models/add/" + endpoint, "{\"x\":\"a\"}").statusCode()).isEqualTo(400);
    assertThat(get("/v2/models/add/" + endpoint).statusCode()).isEqualTo(405);
  }

  @Test
  void tellsAndChangesTheSettingsOfTheLog() throws Exception {
    assertThat(get("/v2/logging").body())
        .isEqualTo(
            "{\"log_file\":\"\",\"log_info\":true,\"log_warning\":true,\"log_error\":true,"
                + "\"log_verbose_level\":0,\"log_format\":\"default\"}");
    HttpResponse<String> changed =
        post("/v2/logging", "{\"log_verbose_level\":1,\"log_info\":false}");
    assertThat(changed.body()).contains("\"log_info\":false").contains("\"log_verbose_level\":1");
    assertThat(log.settings().verboseLevel()).isEqualTo(1);
    assertThat(post("/v2/logging", "").body()).isEqualTo(changed.body());
    HttpResponse<String> refused =
        post("/v2/logging", "{\"log_file\":\"/tmp/x\",\"log_warning\":false}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("--log-file");
    assertThat(get("/v2/logging").body()).isEqualTo(changed.body());
  }

  @Test
  void keepsAccountOfSharedMemory() throws Exception {
    assertThat(get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
    assertThat(get("/v2/cudasharedmemory/status").body()).isEqualTo("[]");
    assertThat(get("/v2/systemsharedmemory/region/r/status").statusCode()).isEqualTo(404);
    assertThat(post("/v2/systemsharedmemory/region/r/register", "{}").statusCode()).isEqualTo(400);
    String absent = "{\"key\":\"/etalon-absent\",\"offset\":0,\"byte_size\":8}";
    HttpResponse<String> unopened = post("/v2/systemsharedmemory/region/r/register", absent);
    assertThat(unopened.statusCode()).isEqualTo(500);
    assertThat(unopened.body()).contains("Unable to open shared memory region: '/etalon-absent'");
    assertThat(post("/v2/systemsharedmemory/unregister", "").statusCode()).isEqualTo(200);
    assertThat(post("/v2/cudasharedmemory/region/r/register", "{}").body())
        .contains("GPUs not supported");
    assertThat(get("/v2/othermemory/status").statusCode()).isEqualTo(404);
  }

  @Test
  void answersManyClientsAtOnceEachWithItsOwn() {
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, 500)
            .mapToObj(i ->
                client.sendAsync(
                    request("/v2/models/add/infer")
                        .POST(BodyPublishers.ofString(REQUEST.replace("2.5", Integer.toString(i))))
                        .build(),
                    BodyHandlers.ofString()))
            .toList();
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).join().body()).contains("\"data\":[2.0," + (i + 1) + ".0]");
    }
  }

  private HttpResponse<byte[]> postBinary(
      String path, String headerLength, String json, float... values) throws Exception {
    var body = new ByteArrayOutputStream();
    body.writeBytes(json.getBytes(StandardCharsets.UTF_8));
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    body.writeBytes(Arrays.copyOf(bytes.array(), bytes.capacity()));
    return client.send(
        request(path)
            .header("Inference-Header-Content-Length", headerLength)
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static int headerLength(HttpResponse<byte[]> response) {
    return Integer.parseInt(
        response.headers().firstValue("inference-header-content-length").orElseThrow());
  }

  private static List<Float> floats(byte[] body, int from) {
    ByteBuffer bytes =
        ByteBuffer.wrap(body, from, body.length - from).slice().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
