package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GrpcBlocksTest {
  @Test
  void encodesMessagesAsTheProtocolHasThem() {
    assertThat(GrpcBlocks.percentEncoded("100 % of 'x'\n")).isEqualTo("100 %25 of 'x'%0A");
    assertThat(GrpcBlocks.percentEncoded("5 µs")).isEqualTo("5 %C2%B5s");
  }
}
