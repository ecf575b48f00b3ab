package org.etalon.backends.tensorflow;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.protobuf.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A SavedModel in memory: graph and session. Thread-safe until it is closed. */
final class SavedModel implements AutoCloseable {
  /** {@code TF_Buffer}: data, length, deallocator. */
  private static final long BUFFER_LENGTH_AT = 8;

  private static final long BUFFER_BYTES = 24;

  private final TensorFlowApi api;
  private final ModelLabel label;
  private final MemorySegment graph;
  private final MemorySegment session;
  private final ByteString metaGraph;
  private final MethodHandle operation;

  private SavedModel(
      TensorFlowApi api,
      ModelLabel label,
      MemorySegment graph,
      MemorySegment session,
      ByteString metaGraph) {
    this.api = api;
    this.label = label;
    this.graph = graph;
    this.session = session;
    this.metaGraph = metaGraph;
    this.operation = api.function("TF_GraphOperationByName", ADDRESS, ADDRESS, ADDRESS);
  }

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT or UNIMPLEMENTED with
   *     TensorFlow's reason
   */
  static SavedModel open(TensorFlowApi api, ModelLabel label, TensorFlowSettings settings) {
    byte[] config =
        settings.sessionConfig(TensorFlowApi.useIntraThreads(settings.intraThreads(), label));
    MemorySegment status = api.newStatus();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options =
          (MemorySegment) api.function("TF_NewSessionOptions", ADDRESS).invokeExact();
      MemorySegment buffer = (MemorySegment) api.function("TF_NewBuffer", ADDRESS).invokeExact();
      try {
        api.procedure("TF_SetConfig", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS)
            .invokeExact(
                options,
                arena.allocateFrom(ValueLayout.JAVA_BYTE, config),
                (long) config.length,
                status);
        api.check(status);
        return load(api, label, settings.tag(), options, buffer, status, arena);
      } finally {
        api.procedure("TF_DeleteBuffer", ADDRESS).invokeExact(buffer);
        api.procedure("TF_DeleteSessionOptions", ADDRESS).invokeExact(options);
      }
    } catch (TensorFlowException e) {
      throw label.notLoaded(e);
    } catch (Throwable e) {
      throw TensorFlowApi.failure(e);
    } finally {
      api.deleteStatus(status);
    }
  }

  private static SavedModel load(
      TensorFlowApi api,
      ModelLabel label,
      String tag,
      MemorySegment options,
      MemorySegment buffer,
      MemorySegment status,
      Arena arena)
      throws Throwable {
    MemorySegment graph = (MemorySegment) api.function("TF_NewGraph", ADDRESS).invokeExact();
    try {
      MemorySegment tags = arena.allocate(ADDRESS);
      tags.set(ADDRESS, 0, arena.allocateFrom(tag));
      MemorySegment session =
          (MemorySegment)
              api.function(
                      "TF_LoadSessionFromSavedModel",
                      ADDRESS,
                      ADDRESS,
                      ADDRESS,
                      ADDRESS,
                      ADDRESS,
                      JAVA_INT,
                      ADDRESS,
                      ADDRESS,
                      ADDRESS)
                  .invokeExact(
                      options,
                      MemorySegment.NULL,
                      arena.allocateFrom(label.directory().toString()),
                      tags,
                      1,
                      graph,
                      buffer,
                      status);
      api.check(status);
      return new SavedModel(api, label, graph, session, content(buffer));
    } catch (Throwable e) {
      api.procedure("TF_DeleteGraph", ADDRESS).invokeExact(graph);
      throw e;
    }
  }

  private static ByteString content(MemorySegment buffer) {
    MemorySegment fields = buffer.reinterpret(BUFFER_BYTES);
    long length = fields.get(JAVA_LONG, BUFFER_LENGTH_AT);
    return ByteString.copyFrom(fields.get(ADDRESS, 0).reinterpret(length).asByteBuffer());
  }

  TensorFlowApi api() {
    return api;
  }

  ModelLabel label() {
    return label;
  }

  MemorySegment session() {
    return session;
  }

  /** The serialized {@code MetaGraphDef}. */
  ByteString metaGraph() {
    return metaGraph;
  }

  /**
   * An operation of the graph, valid until this is closed.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if there is none of that name
   */
  MemorySegment operation(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = (MemorySegment) operation.invokeExact(graph, arena.allocateFrom(name));
      if (found.address() == 0) {
        throw label.invalid(
            "the signature names operation '%s', which is not there".formatted(name));
      }
      return found;
    } catch (Throwable e) {
      throw TensorFlowApi.failure(e);
    }
  }

  @Override
  public void close() {
    MemorySegment status = api.newStatus();
    try {
      api.procedure("TF_CloseSession", ADDRESS, ADDRESS).invokeExact(session, status);
      api.procedure("TF_DeleteSession", ADDRESS, ADDRESS).invokeExact(session, status);
      api.procedure("TF_DeleteGraph", ADDRESS).invokeExact(graph);
    } catch (Throwable e) {
      throw TensorFlowApi.failure(e);
    } finally {
      api.deleteStatus(status);
    }
  }
}
