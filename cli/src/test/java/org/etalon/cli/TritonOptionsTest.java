package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class TritonOptionsTest {
  private static final Path COMPATIBILITY =
      Path.of(System.getProperty("etalon.root", "..")).resolve("docs").resolve("compatibility.md");

  private static List<String> notes(String... options) {
    CommandLine command = new CommandLine(new ServeCommand());
    command.parseArgs(options);
    return TritonOptions.notes(command.getCommandSpec());
  }

  static List<String> options() {
    return List.copyOf(TritonOptions.names());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--pinned-memory-pool-byte-size=268435456",
        "--cuda-memory-pool-byte-size=0:67108864",
        "--cuda-virtual-address-size=0:1",
        "--enable-peer-access=true",
        "--min-supported-compute-capability=6.0",
        "--buffer-manager-thread-count=2",
        "--backend-directory=/opt/tritonserver/backends",
        "--repoagent-directory=/opt/tritonserver/repoagents",
        "--cache-directory=/opt/tritonserver/caches",
        "--strict-model-config=false",
        "--disable-auto-complete-config",
        "--grpc-infer-allocation-pool-size=8",
        "--grpc-max-response-pool-size=8",
        "--grpc-http2-max-pings-without-data=0",
        "--grpc-http2-max-ping-strikes=0",
        "--sagemaker-port=8080",
        "--sagemaker-safe-port-range=1-2",
        "--sagemaker-thread-count=8",
        "--vertex-ai-port=8080",
        "--vertex-ai-thread-count=8",
        "--vertex-ai-default-model=m",
      })
  void areTakenAndSaidToHaveNoEffect(String option) {
    String name = option.replaceFirst("=.*", "");
    assertThat(notes("--model-repository", "d", option))
        .singleElement()
        .asString()
        .startsWith(name + " has no effect: ");
  }

  @Test
  void areTakenAgainAndAgain() {
    assertThat(
            notes(
                "--model-repository=d",
                "--cuda-memory-pool-byte-size=0:1",
                "--cuda-memory-pool-byte-size",
                "1:1"))
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--reuse-http-port=false",
        "--reuse-grpc-port=0",
        "--model-load-retry-count=0",
        "--model-namespacing=False",
        "--allow-sagemaker=false",
        "--allow-vertex-ai=false",
      })
  void areTakenWithTheValueThatHoldsAnyway(String option) {
    assertThat(notes("--model-repository", "d", option)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--reuse-http-port=true | --reuse-http-port: 'true' is not supported (remedy: give each server a port of its own",
        "--reuse-grpc-port=1 | a port of its own",
        "--model-load-retry-count=3 | load the model again",
        "--model-namespacing=true | a name that it shares with none",
        "--allow-sagemaker=true | --http-port and --grpc-port",
        "--allow-vertex-ai=true | --http-port and --grpc-port",
        "--http-restricted-api=model-repository:k=v | --http-restricted-api is not supported (remedy: --access-config",
        "--grpc-restricted-protocol=shared-memory:k=v | --access-config",
        "--model-load-gpu-limit=0:0.5 | instance_group.gpus",
        "--host-policy=numa,numa-node=0 | numactl",
        "--backend-config=python,shm-default-byte-size=1 | config.pbtxt",
        "--backend-config=default-max-batch-size=many | expected: a number",
        "--model-load-thread-count=0 | loaderThreads: 0 (expected: >= 1)",
        "--http-thread-count=0 | eventLoops: 0 (expected: >= 1)",
        "--allow-http=yes | expected: true, false, 1 or 0",
        "--response-cache-byte-size=-1 | expected: 0 or more",
        "--trace-rate=often | rate",
      })
  void areRefusedWithWhatToDoInstead(String option, String remedy) {
    CommandLineRun run = CommandLineRun.of("serve", "--model-repository", "d", option);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains(remedy);
  }

  @ParameterizedTest
  @MethodSource("options")
  void standInTheDocuments(String option) throws IOException {
    assertThat(Files.readString(COMPATIBILITY)).contains("`" + option + "`");
  }

  /** What the documents promise is there. */
  @Test
  void areKnownWhereTheDocumentsNameThem() throws IOException {
    List<String> known =
        new CommandLine(new ServeCommand())
            .getCommandSpec().options().stream()
                .map(OptionSpec::names)
                .flatMap(names -> List.of(names).stream())
                .toList();
    String table = Files.readString(COMPATIBILITY);
    table = table.substring(table.indexOf("## Options of tritonserver"));
    assertThat(
            Pattern.compile("--[a-z][a-z0-9-]+")
                .matcher(table)
                .results()
                .map(found -> found.group()))
        .isNotEmpty()
        .isSubsetOf(known);
  }
}
