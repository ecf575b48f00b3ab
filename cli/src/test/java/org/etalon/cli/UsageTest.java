package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "infer --model m --output y.npy --url grpc://h:1 | --input",
        "infer --model m --input x.npy --output y.npy | give either --model-repository DIR or --url",
        "infer --model m --input x.npy --output y.npy --url grpc://h:1 --model-repository d | give either",
        "infer --model m --input x.npy --output y.npy --url h | expected: grpc://HOST:PORT",
        "infer --model m --input x.npy --output y.npy --url grpc://h:1 --devices cpu | --devices and --jobs-per-device go with --model-repository",
        "infer --model m --input x.npy --output y.npy --model-repository d --devices gpu | --devices: 'gpu'",
        "infer --model m --input x.npy --output y.npy --model-repository d --batch-size 0 | batchSize: 0 (expected: >= 1)",
        "infer --model m --input x.npy --input x.npy --output y.npy --model-repository d | given twice",
        "infer --model m --input x.npy --output y.npy --model-repository d --batchsize 4 | did you mean --batch-size",
        "search --model m --output d --model-repository d | give one of --strain IFO=FILE twice",
        "search --model m --output d --model-repository d --strain H1=a --event GW150914 | give one of --strain",
        "search --model m --output d --model-repository d --strain H1=a | given 1 times (expected: twice)",
        "search --model m --output d --model-repository d --strain a --strain b | expected IFO=PATH",
        "search --model m --output d --model-repository d --strain H1=a --strain L1=b --channel V1=c | --channel names [V1]",
        "search --model m --output d --model-repository d --strain H1=a --strain L1=b --slides 0 | slides: 0 (expected: >= 1)",
        "search --model m --output d --model-repository d --follow H1=a --strain H1=a | give one of --strain",
        "search --model m --output d --model-repository d --follow H1=. --follow L1=. | expected a folder, and --channel H1=NAME",
        "search --model m --output d --model-repository d --follow H1=. --follow L1=. --veto v | do not go with --follow",
        "search --model m --output d --model-repository d --strain H1=a --strain L1=b --alerts kafka://h/t | --alerts goes with --follow",
        "strain fetch 1 x | GPS time: 'x'",
        "strain fetch GW150914 --gwosc-url foo | baseUrl: foo",
        "models list --url h | expected: grpc://HOST:PORT",
        "serve --model-repository d --rate-limit maybe | expected: off or execution_count",
        "serve --model-repository d --rate-limit-resource R=1 | expected: NAME:COUNT or NAME:COUNT:DEVICE",
        "serve --model-repository d --http-port 99999 | port: 99999 (expected: <= 65535)",
      })
  void endsWithStatus2AndOneLineThatSaysWhatIsWrong(String command, String expected) {
    CommandLineRun run = CommandLineRun.of(command.strip().split(" "));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).singleElement().asString().startsWith("etalon: ").contains(expected);
    assertThat(run.err()).contains("--help");
  }

  @Test
  void listsTheCommandsWhereOneIsMissing() {
    for (String[] args : List.of(new String[0], new String[] {"strain"})) {
      CommandLineRun run = CommandLineRun.of(args);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).startsWith("etalon: ").contains("Commands:");
    }
  }

  @Test
  void namesTheCommandThatWasMeant() {
    CommandLineRun run = CommandLineRun.of("serch");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains("search");
  }

  @Test
  void printsTheVersionToStdout() {
    CommandLineRun run = CommandLineRun.of("version");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("etalon ").contains("Java");
  }
}
