package org.etalon.engine.config;

import java.util.List;
import java.util.regex.Pattern;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelRepositoryAgents.Agent;

/** Rules of {@code model_repository_agents}: there is one agent, {@code checksum}. */
final class AgentRules {
  private static final String CHECKSUM = "checksum";
  private static final Pattern KEY = Pattern.compile("MD5:.+");
  private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{32}");

  private AgentRules() {}

  static void check(ModelConfig config, FaultList faults) {
    List<Agent> agents = config.getModelRepositoryAgents().getAgentsList();
    for (int i = 0; i < agents.size(); i++) {
      String path = "model_repository_agents.agents[%d]".formatted(i);
      if (!agents.get(i).getName().equals(CHECKSUM)) {
        faults.add(
            path + ".name",
            "'%s' is not known (expected: %s)".formatted(agents.get(i).getName(), CHECKSUM));
        continue;
      }
      agents
          .get(i)
          .getParametersMap()
          .forEach((key, value) -> {
            if (!KEY.matcher(key).matches() || !HASH.matcher(value).matches()) {
              faults.add(
                  "%s.parameters[\"%s\"]".formatted(path, key),
                  "'%s' (expected: MD5:FILE and the file's hash of 32 hexadecimal digits)"
                      .formatted(value));
            }
          });
    }
  }
}
