package ai.djl.pytorch.jni;

/**
 * What {@code libdjl_torch} of {@code ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0} offers, as far as it
 * is used here. A method of this name must have exactly this signature: nothing checks it before
 * the first call.
 *
 * <p>Handles are pointers to objects on the native heap, freed by the {@code torchDelete} methods;
 * those of tensors are libtorch's own. A device is {@code {kind, index}}, kind 0 the processor and
 * 1 CUDA. Every method may throw {@link ai.djl.engine.EngineException}.
 */
public final class PyTorchLibrary {
  private PyTorchLibrary() {}

  public static native int torchGetNumInteropThreads();

  public static native void torchSetNumInteropThreads(int threads);

  /** Of this thread, and of threads that never set their own. */
  public static native void torchSetNumThreads(int threads);

  /** Of this thread. */
  public static native void setGraphExecutorOptimize(boolean isEnabled);

  public static native int torchLayout(long tensor);

  public static native long moduleLoad(
      String path,
      int[] device,
      boolean mapsLocation,
      String[] extraFileNames,
      String[] extraFileValues,
      boolean areParametersTrained);

  public static native void moduleEval(long module);

  public static native long moduleRunMethod(
      long module, String method, long[] values, boolean isTraining, boolean hasSeparateCudaStream);

  public static native void torchDeleteModule(long module);

  public static native long iValueFromTensor(long tensor);

  public static native long iValueFromStringMap(String[] keys, long[] tensors);

  public static native boolean iValueIsTensor(long value);

  public static native boolean iValueIsTensorList(long value);

  public static native boolean iValueIsList(long value);

  public static native boolean iValueIsTuple(long value);

  public static native boolean iValueIsMap(long value);

  public static native String iValueGetType(long value);

  public static native String iValueToString(long value);

  public static native long iValueToTensor(long value);

  public static native long[] iValueToTensorList(long value);

  public static native long[] iValueToIValueList(long value);

  public static native long[] iValueToIValueTuple(long value);

  /** Key, value, key, value. */
  public static native long[] iValueToMap(long value);

  public static native void torchDeleteIValue(long value);
}
