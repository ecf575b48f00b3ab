package org.etalon.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.reflection.v1.ErrorResponse;
import io.grpc.reflection.v1.FileDescriptorResponse;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells tools such as grpcurl which services there are and what their messages look like.
 * Immutable.
 */
final class ReflectionService extends ServerReflectionGrpc.ServerReflectionImplBase {
  private final List<String> services;
  private final Map<String, FileDescriptor> byFile = new LinkedHashMap<>();
  private final Map<String, FileDescriptor> bySymbol = new LinkedHashMap<>();

  /**
   * @param services the full names of those that are served
   * @param files in which they are written, and which must be known as generated
   */
  ReflectionService(List<String> services, List<FileDescriptor> files) {
    this.services = List.copyOf(services);
    files.forEach(this::add);
  }

  private void add(FileDescriptor file) {
    if (byFile.putIfAbsent(file.getName(), file) != null) {
      return;
    }
    file.getDependencies().forEach(this::add);
    file.getMessageTypes().forEach(message -> add(file, message));
    file.getEnumTypes().forEach(each -> bySymbol.put(each.getFullName(), file));
    for (ServiceDescriptor service : file.getServices()) {
      bySymbol.put(service.getFullName(), file);
      service.getMethods().forEach(method -> bySymbol.put(method.getFullName(), file));
    }
  }

  private void add(FileDescriptor file, Descriptor message) {
    bySymbol.put(message.getFullName(), file);
    message.getNestedTypes().forEach(nested -> add(file, nested));
    message.getEnumTypes().forEach(each -> bySymbol.put(each.getFullName(), file));
    message.getFields().forEach(field -> bySymbol.put(field.getFullName(), file));
  }

  @Override
  public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
      StreamObserver<ServerReflectionResponse> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ServerReflectionRequest question) {
        answers.onNext(answer(question));
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private ServerReflectionResponse answer(ServerReflectionRequest question) {
    ServerReflectionResponse.Builder answer =
        ServerReflectionResponse.newBuilder()
            .setValidHost(question.getHost())
            .setOriginalRequest(question);
    return switch (question.getMessageRequestCase()) {
      case LIST_SERVICES -> answer.setListServicesResponse(list()).build();
      case FILE_BY_FILENAME -> {
        String name = question.getFileByFilename();
        yield file(answer, "file", name, byFile.get(name));
      }
      case FILE_CONTAINING_SYMBOL -> {
        String name = question.getFileContainingSymbol();
        yield file(answer, "symbol", name, bySymbol.get(name));
      }
      case FILE_CONTAINING_EXTENSION -> {
        String type = question.getFileContainingExtension().getContainingType();
        yield error(answer, Status.Code.NOT_FOUND, "no extension of '" + type + "'");
      }
      case ALL_EXTENSION_NUMBERS_OF_TYPE -> {
        String type = question.getAllExtensionNumbersOfType();
        yield error(answer, Status.Code.NOT_FOUND, "no extension of '" + type + "'");
      }
      case MESSAGEREQUEST_NOT_SET ->
          error(answer, Status.Code.INVALID_ARGUMENT, "a question without one");
    };
  }

  private ListServiceResponse list() {
    ListServiceResponse.Builder list = ListServiceResponse.newBuilder();
    services.forEach(name -> list.addService(ServiceResponse.newBuilder().setName(name)));
    return list.build();
  }

  private static ServerReflectionResponse file(
      ServerReflectionResponse.Builder answer,
      String kind,
      String name,
      @Nullable FileDescriptor file) {
    if (file == null) {
      return error(answer, Status.Code.NOT_FOUND, "no %s '%s'".formatted(kind, name));
    }
    Set<ByteString> needed = new LinkedHashSet<>();
    collect(file, needed);
    return answer
        .setFileDescriptorResponse(
            FileDescriptorResponse.newBuilder().addAllFileDescriptorProto(needed))
        .build();
  }

  private static void collect(FileDescriptor file, Set<ByteString> needed) {
    if (needed.add(file.toProto().toByteString())) {
      file.getDependencies().forEach(each -> collect(each, needed));
    }
  }

  private static ServerReflectionResponse error(
      ServerReflectionResponse.Builder answer, Status.Code code, String message) {
    return answer
        .setErrorResponse(
            ErrorResponse.newBuilder().setErrorCode(code.value()).setErrorMessage(message))
        .build();
  }
}
