package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void leavesOutTheStackTraceThatGrpcPutsIntoItsText() {
    String description =
        """
        deadline exceeded [cause=ConnectException: refused: /127.0.0.1:9
        Caused by: java.net.ConnectException: refused
        \tat io.netty.Errors.handle(Errors.java:131)
        \t... 7 more
        ]\
        """;
    assertThat(Failure.text(Status.DEADLINE_EXCEEDED.withDescription(description)))
        .isEqualTo("deadline exceeded [cause=ConnectException: refused: /127.0.0.1:9\n]");
  }

  @Test
  void keepsAllLinesOfAServersOwnText() {
    assertThat(Failure.text(Status.INVALID_ARGUMENT.withDescription("a\n at most b")))
        .isEqualTo("a\n at most b");
  }

  @Test
  void namesTheCodeOfAStatusWithoutAText() {
    assertThat(Failure.text(Status.INTERNAL)).isEqualTo("INTERNAL without a text");
  }
}
