package org.etalon.server.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Set;
import org.etalon.server.security.Right;
import org.jspecify.annotations.Nullable;

/**
 * Which right a method needs, and for which model. A method that is not known here needs the
 * greatest.
 */
final class MethodRights {
  private static final Set<String> HEALTH =
      Set.of("ServerLive", "ServerReady", "ModelReady", "Check", "Watch");
  private static final Set<String> READ =
      Set.of(
          "ServerMetadata",
          "ModelMetadata",
          "ModelConfig",
          "ModelStatistics",
          "RepositoryIndex",
          "SystemSharedMemoryStatus",
          "CudaSharedMemoryStatus",
          "ServerReflectionInfo");
  private static final Set<String> INFER =
      Set.of(
          "ModelInfer",
          "ModelStreamInfer",
          "SystemSharedMemoryRegister",
          "SystemSharedMemoryUnregister",
          "CudaSharedMemoryRegister",
          "CudaSharedMemoryUnregister");

  /** Reads the settings where it brings none. */
  private static final Set<String> SETTINGS = Set.of("TraceSetting", "LogSettings");

  /** Methods whose message names a model, and in which field: the first that it has. */
  private static final Set<String> OF_A_MODEL =
      Set.of(
          "ModelReady",
          "ModelMetadata",
          "ModelConfig",
          "ModelStatistics",
          "RepositoryModelLoad",
          "RepositoryModelUnload",
          "TraceSetting");

  private static final List<String> MODEL_FIELDS = List.of("model_name", "name");

  private MethodRights() {}

  /**
   * @param method its name without that of the service
   * @param message its request
   */
  static Right of(String method, Message message) {
    if (HEALTH.contains(method)) {
      return Right.HEALTH;
    }
    if (INFER.contains(method)) {
      return Right.INFER;
    }
    boolean isSettingRead = SETTINGS.contains(method) && isWithoutSettings(message);
    return READ.contains(method) || isSettingRead ? Right.READ : Right.CONTROL;
  }

  private static boolean isWithoutSettings(Message message) {
    FieldDescriptor settings = message.getDescriptorForType().findFieldByName("settings");
    return settings != null && message.getRepeatedFieldCount(settings) == 0;
  }

  /** The model that the request is about; null where it is about all of them or none. */
  static @Nullable String model(String method, Message message) {
    if (!OF_A_MODEL.contains(method)) {
      return null;
    }
    for (String name : MODEL_FIELDS) {
      FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
      if (field != null && message.getField(field) instanceof String model && !model.isEmpty()) {
        return model;
      }
    }
    return null;
  }
}
