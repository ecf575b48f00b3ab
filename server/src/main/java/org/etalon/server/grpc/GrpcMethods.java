package org.etalon.server.grpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.ModelInferRequest;

/** The methods of a front by their full names. */
final class GrpcMethods {
  /** What tools older than the stable version ask for; its messages have the same form. */
  private static final String OLDER_REFLECTION = "grpc.reflection.v1alpha.ServerReflection";

  private final Map<String, GrpcMethod> byName = new HashMap<>();

  private GrpcMethods() {}

  /**
   * @param control all methods of the protocol, of which those that infer are replaced
   */
  static Map<String, GrpcMethod> of(
      BindableService control, BindableService health, GrpcMethod unary, GrpcMethod stream) {
    GrpcMethods methods = new GrpcMethods();
    methods.add(control);
    methods.add(health);
    methods.add(reflection());
    methods.byName.put(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName(), unary);
    methods.byName.put(
        GRPCInferenceServiceGrpc.getModelStreamInferMethod().getFullMethodName(), stream);
    methods.byName.put(
        MethodDescriptor.generateFullMethodName(OLDER_REFLECTION, "ServerReflectionInfo"),
        methods.byName.get(
            ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName()));
    return methods.byName;
  }

  private static BindableService reflection() {
    List<FileDescriptor> files =
        List.of(
            ModelInferRequest.getDescriptor().getFile(),
            HealthProto.getDescriptor(),
            ServerReflectionProto.getDescriptor());
    return new ReflectionService(
        List.of(
            GRPCInferenceServiceGrpc.SERVICE_NAME,
            HealthGrpc.SERVICE_NAME,
            ServerReflectionGrpc.SERVICE_NAME,
            OLDER_REFLECTION),
        files);
  }

  private void add(BindableService service) {
    ServerServiceDefinition definition = service.bindService();
    for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
      byName.put(method.getMethodDescriptor().getFullMethodName(), new StubMethod<>(method));
    }
  }
}
