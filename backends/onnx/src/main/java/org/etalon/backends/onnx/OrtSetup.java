package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The calls of ONNX Runtime's C interface that prepare sessions and have no counterpart in its Java
 * interface. Immutable, thread-safe.
 */
final class OrtSetup {
  private static final MethodHandle OUT = OrtTable.status(ADDRESS);
  private static final MethodHandle IN_OUT = OrtTable.status(ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_ENV =
      OrtTable.status(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  /** Most models need none of these, and each takes 5 ms to set up. */
  private static final class Rare {
    static final MethodHandle IN_IN = OrtTable.status(ADDRESS, ADDRESS);
    static final MethodHandle IN_INDEX_OUT = OrtTable.status(ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle IN_INDEX_IN_OUT =
        OrtTable.status(ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    static final MethodHandle IN_IN_IN = OrtTable.status(ADDRESS, ADDRESS, ADDRESS);
    static final MethodHandle APPEND_PROVIDER =
        OrtTable.status(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  }

  private final OrtTable table;
  private final OrtApi api;
  private final MemorySegment createEnvWithCustomLogger;
  private final MemorySegment initializerCount;
  private final MemorySegment initializerType;
  private final MemorySegment initializerName;
  private final MemorySegment createRunOptions;
  private final MemorySegment castTypeToTensor;
  private final MemorySegment freeWithAllocator;
  private final MemorySegment releaseRunOptions;
  private final MemorySegment releaseTypeInfo;
  private final MemorySegment addRunConfigEntry;
  private final MemorySegment appendExecutionProvider;

  OrtSetup(OrtTable table, OrtApi api) {
    this.table = table;
    this.api = api;
    createEnvWithCustomLogger = table.slot(4);
    initializerCount = table.slot(32);
    initializerType = table.slot(35);
    initializerName = table.slot(38);
    createRunOptions = table.slot(39);
    castTypeToTensor = table.slot(55);
    freeWithAllocator = table.slot(76);
    releaseRunOptions = table.slot(97);
    releaseTypeInfo = table.slot(98);
    addRunConfigEntry = table.slot(165);
    appendExecutionProvider = table.slot(216);
  }

  /**
   * Adds an execution provider to the options of a session, by the name that this call knows it by.
   * The Java interface has it for some providers only.
   */
  void appendProvider(MemorySegment sessionOptions, String name, Map<String, String> options)
      throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment keys = arena.allocate(ADDRESS, Math.max(1, options.size()));
      MemorySegment values = arena.allocate(ADDRESS, Math.max(1, options.size()));
      int i = 0;
      for (var option : options.entrySet()) {
        keys.setAtIndex(ADDRESS, i, arena.allocateFrom(option.getKey()));
        values.setAtIndex(ADDRESS, i, arena.allocateFrom(option.getValue()));
        i++;
      }
      table.check(
          (MemorySegment)
              Rare.APPEND_PROVIDER.invokeExact(
                  appendExecutionProvider,
                  sessionOptions,
                  arena.allocateFrom(name),
                  keys,
                  values,
                  (long) options.size()));
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** Options of a run, to be given back with {@link #releaseRunOptions}. */
  MemorySegment createRunOptions(Map<String, String> entries) throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      table.check((MemorySegment) OUT.invokeExact(createRunOptions, out));
      MemorySegment options = out.get(ADDRESS, 0);
      for (var entry : entries.entrySet()) {
        MemorySegment key = arena.allocateFrom(entry.getKey());
        MemorySegment value = arena.allocateFrom(entry.getValue());
        table.check(
            (MemorySegment) Rare.IN_IN_IN.invokeExact(addRunConfigEntry, options, key, value));
      }
      return options;
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /**
   * Makes the process's environment, or counts one more user of the one there is.
   *
   * @param logger called for log lines of {@code severity} and above, if this makes the environment
   */
  void createEnvironment(MemorySegment logger, int severity) throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("etalon");
      MemorySegment out = arena.allocate(ADDRESS);
      table.check(
          (MemorySegment)
              CREATE_ENV.invokeExact(
                  createEnvWithCustomLogger, logger, MemorySegment.NULL, severity, name, out));
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  void releaseRunOptions(MemorySegment options) {
    OrtTable.release(releaseRunOptions, options);
  }

  /** A tensor that a session knows by name. */
  record NamedTensor(String name, OrtApi.TensorType type) {}

  /** A session's inputs that have a value in its file, which a run may replace by its own. */
  List<NamedTensor> overridableInitializers(MemorySegment session) throws OrtException {
    List<NamedTensor> tensors = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      table.check((MemorySegment) IN_OUT.invokeExact(initializerCount, session, out));
      long count = out.get(JAVA_LONG, 0);
      for (long i = 0; i < count; i++) {
        tensors.add(
            new NamedTensor(initializerName(session, i, out), initializer(session, i, out)));
      }
      return tensors;
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  private String initializerName(MemorySegment session, long index, MemorySegment out)
      throws Throwable {
    table.check(
        (MemorySegment)
            Rare.IN_INDEX_IN_OUT.invokeExact(
                initializerName, session, index, api.defaultAllocator(), out));
    MemorySegment name = out.get(ADDRESS, 0);
    String text = name.reinterpret(Long.MAX_VALUE).getString(0);
    table.check(
        (MemorySegment) Rare.IN_IN.invokeExact(freeWithAllocator, api.defaultAllocator(), name));
    return text;
  }

  private OrtApi.TensorType initializer(MemorySegment session, long index, MemorySegment out)
      throws Throwable {
    table.check(
        (MemorySegment) Rare.IN_INDEX_OUT.invokeExact(initializerType, session, index, out));
    MemorySegment type = out.get(ADDRESS, 0);
    try {
      table.check((MemorySegment) IN_OUT.invokeExact(castTypeToTensor, type, out));
      return api.typeAndShape(out.get(ADDRESS, 0), out); // belongs to the type
    } finally {
      OrtTable.release(releaseTypeInfo, type);
    }
  }
}
