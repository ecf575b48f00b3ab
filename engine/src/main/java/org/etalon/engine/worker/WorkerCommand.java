package org.etalon.engine.worker;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.Backend;

/**
 * What a worker process is started with.
 *
 * @param program program and arguments; the folder to meet the service in is put behind them
 * @param environment variables besides those of the service
 * @param isForeign whether it is no Java of ours: configurations go as JSON, batches tell of what
 *     requests they are made, and other models can be asked
 */
public record WorkerCommand(
    List<String> program, Map<String, String> environment, boolean isForeign) {
  /** Options of the service's JVM that are its own. */
  private static final List<String> NOT_INHERITED =
      List.of(
          "-agentlib",
          "-javaagent",
          "-Xrunjdwp",
          "-Xms",
          "-Xmn",
          "-Xlog",
          "-XX:+UseG1GC",
          "-XX:+UseParallelGC",
          "-XX:+UseShenandoahGC",
          "-XX:+UseZGC",
          "-XX:AOTCacheOutput",
          "-XX:ErrorFile",
          "-Dcom.sun.management",
          "-Detalon.stderr");

  public WorkerCommand {
    program = List.copyOf(program);
    environment = Map.copyOf(environment);
  }

  /** This Java again, with the same class path and options, to run models of a backend. */
  static WorkerCommand of(Backend backend) {
    List<String> program = new ArrayList<>();
    program.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (NOT_INHERITED.stream().noneMatch(option::startsWith)) {
        program.add(option);
      }
    }
    System.getProperties()
        .forEach((name, value) -> {
          if (name.toString().startsWith("etalon.")) {
            program.add("-D%s=%s".formatted(name, value));
          }
        });
    program.add("-Xlog:disable");
    program.add("-Xlog:all=error:stderr");
    program.add("-XX:-CreateCoredumpOnCrash");
    program.add("-XX:ErrorFile=/dev/null");
    program.add("-XX:+UseSerialGC");
    program.add("-cp");
    program.add(System.getProperty("java.class.path"));
    program.add(WorkerMain.class.getName());
    program.add(backend.getClass().getName());
    return new WorkerCommand(program, Map.of(), false);
  }
}
