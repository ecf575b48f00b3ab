package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.Test;

class RepositoryControlTest {
  @Test
  void loadsListsAndUnloadsModels() {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      client.loadModel("bbh");
      client.loadModel("deepclean");
      assertThat(client.repositoryIndex())
          .containsExactly(
              new RepositoryEntry("bbh", OptionalLong.of(3), "READY", ""),
              new RepositoryEntry("deepclean", OptionalLong.of(3), "READY", ""),
              new RepositoryEntry("never", OptionalLong.empty(), "", ""));
      client.unloadModel("bbh", false);
      assertThat(client.repositoryIndex()).hasSize(2);
      client.unloadModel("bbh", true);
      assertThat(client.repositoryIndex()).hasSize(1);
    }
  }

  @Test
  void saysWhyAModelWasNotLoadedInTheServersWords() {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      assertThatThrownBy(() -> client.loadModel("broken"))
          .isInstanceOfSatisfying(
              ServingException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessage("load failed for model 'broken'");
    }
  }

  @Test
  void aClosedClientRefuses() {
    EtalonClient client = EtalonClient.open(ClientConfig.of("grpc://127.0.0.1:1"));
    client.close();
    assertThatThrownBy(client::repositoryIndex).hasMessageContaining("is closed");
  }
}
