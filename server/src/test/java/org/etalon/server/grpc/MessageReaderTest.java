package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Status;
import io.grpc.StatusException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageReaderTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  private MessageReader reader(int maxBytes) {
    return new MessageReader(maxBytes, allocator);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void findsTheSameMessagesHoweverTheyAreCut(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<byte[]> sent = new ArrayList<>();
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < 50; i++) {
      byte[] message = new byte[random.nextInt(2) * random.nextInt(200_000)];
      random.nextBytes(message);
      sent.add(message);
      all.writeByte(i & 1).writeInt(message.length).writeBytes(message);
    }
    MessageReader reader = reader(Integer.MAX_VALUE);
    int at = 0;
    while (at < all.writerIndex()) {
      int length = Math.min(all.writerIndex() - at, 1 + random.nextInt(1 << random.nextInt(17)));
      reader.read(all, at, length);
      at += length;
    }
    assertThat(reader.isBetweenMessages()).isTrue();
    assertThat(reader.count()).isEqualTo(sent.size());
    for (int i = 0; i < sent.size(); i++) {
      ReceivedMessage message = Objects.requireNonNull(reader.poll(), "a message");
      assertThat(message.memory().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(sent.get(i));
      assertThat(message.isCompressed()).isEqualTo((i & 1) == 1);
      message.release();
    }
    all.release();
    assertThat(all.refCnt()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void takesMemoryOnlyForWhatHasCome() throws Exception {
    MessageReader reader = reader(Integer.MAX_VALUE);
    reader.read(Unpooled.buffer().writeByte(0).writeInt(Integer.MAX_VALUE).writeZero(10), 0, 15);
    assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(64 << 10);
    reader.close();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void refusesMessagesThatAreTooLongOrMarkedWrongly() {
    assertRefused(Status.Code.RESOURCE_EXHAUSTED, 0, 1001);
    assertRefused(Status.Code.RESOURCE_EXHAUSTED, 0, -1);
    assertRefused(Status.Code.INTERNAL, 2, 10);
  }

  private void assertRefused(Status.Code code, int flag, int size) {
    ByteBuf data = Unpooled.buffer().writeByte(flag).writeInt(size).writeByte(0);
    assertThatExceptionOfType(StatusException.class)
        .isThrownBy(() -> reader(1000).read(data, 0, 6))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
