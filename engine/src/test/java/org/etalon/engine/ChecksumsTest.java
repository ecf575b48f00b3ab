package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumsTest {
  /** Of the text {@code add 1}, by {@code md5sum}. */
  private static final String HASH = "0c5fdbe427f405061a323b6bd05f8fe8";

  @TempDir private Path folder;

  private ModelIndexEntry load(String file, String hash) {
    FakeBackend backend = new FakeBackend();
    new FakeRepository(folder)
        .model("m", 1, "add 1")
        .config(
            "m",
            "model_repository_agents { agents { name: 'checksum' parameters { key: 'MD5:%s' value: '%s' } } }"
                .formatted(file, hash));
    try (Engine engine =
        Engine.start(EngineConfig.of(List.of(folder)), List.<Backend>of(backend))) {
      return engine.index().getFirst();
    }
  }

  @Test
  void servesAModelWhoseFilesHaveTheirHashes() {
    assertThat(load("1/model.fake", HASH).state()).isEqualTo(ModelIndexEntry.State.READY);
  }

  @ParameterizedTest
  @CsvSource({
    "1/model.fake, 00000000000000000000000000000000, Mismatched MD5 hash for file",
    "1/absent, 00000000000000000000000000000000, the hash of",
    "../other, 00000000000000000000000000000000, leads out of the model directory",
  })
  void refusesOneThatHasNot(String file, String hash, String reason) {
    ModelIndexEntry entry = load(file, hash);
    assertThat(entry.state()).isEqualTo(ModelIndexEntry.State.UNAVAILABLE);
    assertThat(entry.reason()).contains(reason);
  }
}
