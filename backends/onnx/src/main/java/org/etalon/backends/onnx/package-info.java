/**
 * Runs ONNX models with ONNX Runtime; {@link OnnxBackend} is the entry point, found by {@link
 * java.util.ServiceLoader}.
 *
 * <p>Sessions, their options and execution providers come from ONNX Runtime's Java interface.
 * Batches run through its C interface ({@link OrtApi}, {@link OrtSetup}), which can do what the
 * Java one cannot: tensors of UINT16, UINT32 and UINT64, outputs read where they lie, log lines
 * that go to slf4j.
 *
 * <p>System property {@code onnxruntime.native.path}, read by ONNX Runtime itself, names a
 * directory with {@code libonnxruntime.so} and {@code libonnxruntime4j_jni.so} to use instead of
 * those in its jar: another build, with other execution providers. Without it, {@code
 * etalon.natives} names a folder in which those of the jar are unpacked once, which saves copying
 * 28 MB at each start.
 */
@NullMarked
package org.etalon.backends.onnx;

import org.jspecify.annotations.NullMarked;
