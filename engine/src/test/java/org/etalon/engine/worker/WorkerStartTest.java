package org.etalon.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each of these starts a process. */
class WorkerStartTest {
  @TempDir Path folder;

  @Test
  void aProgramThatNeverBecomesAWorkerIsNamed() {
    ModelFiles files = new ModelFiles("m", 1, folder.resolve("m"), folder.resolve("m/1"));
    WorkerSettings hasty =
        new WorkerSettings(Duration.ofMillis(200), Duration.ofSeconds(1), OptionalLong.empty());
    assertThatThrownBy(() -> load(List.of("sh", "-c", "sleep 1000"), hasty, files))
        .hasMessageContaining("worker process 0 did not start within PT0.2S");
    assertThatThrownBy(() ->
            load(
                List.of("sh", "-c", "echo no such module; exit 4"), WorkerSettings.STANDARD, files))
        .hasMessageContaining("ended with exit status 4 (no such module)");
    assertThatThrownBy(() -> load(List.of("/nowhere/etalon-worker"), hasty, files))
        .hasMessageContaining("cannot be started")
        .hasMessageContaining("/nowhere/etalon-worker");
  }

  private static void load(List<String> program, WorkerSettings settings, ModelFiles files) {
    WorkerCommand command = new WorkerCommand(program, Map.of(), false);
    new ApartBackend(new TroubledBackend(), command, settings, Optional.empty())
        .load(files, ModelConfig.getDefaultInstance())
        .close();
  }

  @Test
  void aWorkerThatComesTooLateForItsServiceTakesTheirFilesAway() throws Exception {
    Path meeting = Files.createDirectory(folder.resolve("meeting"));
    Files.createFile(meeting.resolve(Meeting.INPUTS));
    Files.createFile(meeting.resolve(Meeting.OUTPUTS));
    List<String> program = new ArrayList<>(WorkerCommand.of(new TroubledBackend()).program());
    program.add(meeting.toString());
    Process worker =
        new ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    worker.getOutputStream().close();
    worker.waitFor();
    assertThat(meeting).doesNotExist();
  }
}
