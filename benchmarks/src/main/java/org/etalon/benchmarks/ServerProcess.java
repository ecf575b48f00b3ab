package org.etalon.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code etalon serve} on free ports: by the launcher that system property {@code etalon.launcher}
 * names, without one in a JVM of this one's class path and options.
 */
final class ServerProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready: gRPC (\\d+), HTTP (\\d+)");

  private final Process process;
  private final BufferedReader log;
  private final int grpcPort;
  private final int httpPort;

  private ServerProcess(Process process, BufferedReader log, int grpcPort, int httpPort) {
    this.process = process;
    this.log = log;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  static ServerProcess start(Path... repositories) throws IOException {
    return start(0, List.of(), repositories);
  }

  /** On a gRPC port of its own, as after a restart. */
  static ServerProcess start(int port, Path... repositories) throws IOException {
    return start(port, List.of(), repositories);
  }

  /** With one model of a repository. */
  static ServerProcess startWith(String model, Path repository) throws IOException {
    return start(0, List.of("--model-control-mode", "explicit", "--load-model", model), repository);
  }

  private static ServerProcess start(int port, List<String> options, Path... repositories)
      throws IOException {
    List<String> command = new ArrayList<>(command());
    command.add("serve");
    for (Path repository : repositories) {
      command.addAll(List.of("--model-repository", repository.toString()));
    }
    command.addAll(options);
    command.addAll(List.of("--grpc-port", "" + port, "--http-port", "0", "--metrics-port", "0"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader log = process.inputReader();
    List<String> seen = new ArrayList<>();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      seen.add(line);
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        return new ServerProcess(
            process, log, Integer.parseInt(ready.group(1)), Integer.parseInt(ready.group(2)));
      }
    }
    throw new IOException("etalon serve ended before it was ready: " + seen);
  }

  private static List<String> command() {
    String launcher = System.getProperty("etalon.launcher");
    if (launcher != null) {
      return List.of(launcher);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.etalon.cli.Main"));
    return command;
  }

  String url() {
    return "grpc://127.0.0.1:" + grpcPort;
  }

  int grpcPort() {
    return grpcPort;
  }

  int httpPort() {
    return httpPort;
  }

  /** Resident memory in MiB, with its part of what it shares (Linux's PSS). */
  double residentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
      if (line.startsWith("Pss:")) {
        return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("no Pss in smaps_rollup");
  }

  /** SIGKILL: nothing is said or saved. */
  void kill() throws IOException, InterruptedException {
    process.destroyForcibly();
    process.waitFor();
    log.close();
  }

  /** CPU time of the server so far; on Linux in steps of 10 ms. */
  long cpuNanos() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    process.waitFor();
    log.close();
  }
}
