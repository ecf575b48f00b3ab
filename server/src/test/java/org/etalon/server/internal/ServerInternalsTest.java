package org.etalon.server.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.Optional;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.Test;

class ServerInternalsTest {
  @Test
  void answersAFullQueueAsUnavailable() {
    assertThat(WireStatus.of(ErrorCode.RESOURCE_EXHAUSTED))
        .isEqualTo(new WireStatus(Status.Code.UNAVAILABLE, 503));
  }

  @Test
  void givesEveryKindOfFailureAnErrorStatus() {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(WireStatus.of(code).grpc()).as("%s", code).isNotEqualTo(Status.Code.OK);
      assertThat(WireStatus.of(code).http()).as("%s", code).isBetween(400, 599);
    }
  }

  @Test
  void namesTheRequestInItsError() {
    ServingException error = ServingException.invalid("too long");
    assertThat(RequestErrors.text(Optional.of("7"), error)).isEqualTo("[request id: 7] too long");
    assertThat(RequestErrors.text(Optional.empty(), error))
        .isEqualTo("[request id: <id_unknown>] too long");
  }

  @Test
  void namesNoRequestWhereTheModelIsUnknown() {
    ServingException error = ServingException.notFound("no such model");
    assertThat(RequestErrors.text(Optional.of("7"), error)).isEqualTo("no such model");
  }

  @Test
  void knowsTheVersionOfTheBuild() {
    assertThat(ServerIdentity.current().version()).matches("\\d+\\.\\d+\\.\\d+.*");
  }
}
