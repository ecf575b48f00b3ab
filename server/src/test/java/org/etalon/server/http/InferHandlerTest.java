package org.etalon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;

/** Answers that cannot be made: a fault of the server's own answers its one request. */
final class InferHandlerTest {
  private final AtomicInteger lent = new AtomicInteger();
  private final ByteBuf body = Unpooled.buffer(1);
  private final Exchange exchange =
      new Exchange(
          new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/infer"),
          body,
          false,
          ByteBufAllocator.DEFAULT,
          () -> {});

  private InferenceResponse response(Tensor... outputs) {
    lent.incrementAndGet();
    return new InferenceResponse(
        "m", 1, Optional.empty(), List.of(outputs), Map.of(), lent::decrementAndGet);
  }

  private void assertAnswersWithInternal(ResponseHandler handler, InferenceResponse response) {
    handler.onResponse(response, true);
    FullHttpResponse answer = exchange.takeResponse();
    assertThat(answer.status().code()).isEqualTo(500);
    assertThat(answer.content().toString(StandardCharsets.UTF_8)).contains("internal error");
    answer.release();
    assertThat(lent).hasValue(0);
    assertThat(body.refCnt()).isZero();
  }

  @Test
  void saysSoWhereMakingTheAnswerFails() {
    Function<InferenceResponse, Answer> broken =
        _ -> {
          throw new IllegalStateException("a bug");
        };
    assertAnswersWithInternal(
        new InferHandler(exchange, Optional.empty(), "infer", broken), response());
  }

  @Test
  void saysSoWhereSharedMemoryWasCutShort() {
    Function<InferenceResponse, Answer> faulting =
        _ -> {
          throw new InternalError("a fault occurred in an unsafe memory access operation");
        };
    assertAnswersWithInternal(
        new InferHandler(exchange, Optional.empty(), "infer", faulting), response());
  }

  @Test
  void saysSoWhereAnEventCannotBeMade() {
    Tensor freed;
    try (Arena arena = Arena.ofConfined()) {
      freed = new Tensor("y", DataType.FP32, Shape.of(1), arena.allocate(4));
    }
    assertAnswersWithInternal(new StreamHandler(exchange, Optional.empty()), response(freed));
  }
}
