package org.etalon.server.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBufAllocator;
import java.io.InputStream;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.wire.EncodedMessage;

/** The two inference methods with messages that are read and written in place. */
record InferMethods(
    MethodDescriptor<ReceivedMessage, EncodedMessage> infer,
    MethodDescriptor<ReceivedMessage, EncodedMessage> streamInfer) {
  /**
   * @param allocator of the memory for messages that came in several pieces
   */
  static InferMethods with(ByteBufAllocator allocator) {
    return new InferMethods(
        inPlace(GRPCInferenceServiceGrpc.getModelInferMethod(), allocator),
        inPlace(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), allocator));
  }

  private static MethodDescriptor<ReceivedMessage, EncodedMessage> inPlace(
      MethodDescriptor<?, ?> method, ByteBufAllocator allocator) {
    return method.toBuilder(new Received(allocator), new Encoded()).build();
  }

  private record Received(ByteBufAllocator allocator) implements Marshaller<ReceivedMessage> {
    @Override
    public InputStream stream(ReceivedMessage message) {
      throw new UnsupportedOperationException("a server does not send requests");
    }

    @Override
    public ReceivedMessage parse(InputStream stream) {
      return ReceivedMessage.take(stream, allocator);
    }
  }

  private record Encoded() implements Marshaller<EncodedMessage> {
    @Override
    public InputStream stream(EncodedMessage message) {
      return new MessageStream(message);
    }

    @Override
    public EncodedMessage parse(InputStream stream) {
      throw new UnsupportedOperationException("a server does not receive responses");
    }
  }
}
