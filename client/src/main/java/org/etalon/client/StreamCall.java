package org.etalon.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.etalon.inference.InferenceRequest;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.wire.InferRequestEncoder;

/**
 * One {@code ModelStreamInfer} call, which the server is asked to end with the first error, so that
 * errors have a code. Sending belongs to one thread; what is heard comes on the connection's.
 */
final class StreamCall {
  private static final Metadata.Key<String> ENDS_ON_ERROR =
      Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

  private static final MethodDescriptor<byte[], byte[]> STREAM_INFER =
      GRPCInferenceServiceGrpc.getModelStreamInferMethod().toBuilder(new Bytes(), new Bytes())
          .build();

  /** What the server says. */
  interface Listener {
    /**
     * @param message a {@code ModelStreamInferResponse}
     */
    void onAnswer(StreamCall call, byte[] message);

    /** The call is over. */
    void onClose(StreamCall call, Status status);
  }

  private final ClientCall<byte[], byte[]> rpc;

  private StreamCall(ClientCall<byte[], byte[]> rpc) {
    this.rpc = rpc;
  }

  static StreamCall open(Channel channel, Listener listener) {
    ClientCall<byte[], byte[]> rpc = channel.newCall(STREAM_INFER, CallOptions.DEFAULT);
    StreamCall call = new StreamCall(rpc);
    Metadata headers = new Metadata();
    headers.put(ENDS_ON_ERROR, "true");
    rpc.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            rpc.request(1);
            listener.onAnswer(call, message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            listener.onClose(call, status);
          }
        },
        headers);
    rpc.request(16);
    return call;
  }

  void send(InferenceRequest request) {
    InferRequestEncoder message = new InferRequestEncoder(request);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.size());
    try {
      message.writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes all
    }
    rpc.sendMessage(bytes.toByteArray());
  }

  void cancel() {
    rpc.cancel("the stream was closed by its asker", null);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream instanceof KnownLength
            ? stream.readNBytes(stream.available())
            : stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
