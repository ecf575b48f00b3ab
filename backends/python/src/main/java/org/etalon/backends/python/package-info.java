/**
 * Models written in Python: {@code model.py} with a class {@code TritonPythonModel}, as for
 * Triton's Python backend, each instance in a process of its own ({@code engine.worker}). Start at
 * {@link PythonBackend}; {@code etalon_worker.py} among the resources is what runs there.
 */
@NullMarked
package org.etalon.backends.python;

import org.jspecify.annotations.NullMarked;
