/**
 * Models that run apart from the service, each instance in a process of its own: a crash in native
 * code takes that process and no more. Start at {@link ApartBackend}, which puts any backend's
 * models into such processes; {@link WorkerCommand} says what is started.
 *
 * <p>The service starts a worker, which connects to a Unix domain socket that the service listens
 * at, loads the model and opens one instance. From then on both talk in frames ({@link Link}): the
 * service asks for a batch, the worker answers. Tensors do not pass through the socket: they lie in
 * two files that both map ({@link SharedFile}), one for inputs, written by the service, one for
 * outputs, written by the worker. The socket is also how each knows that the other has ended.
 */
@NullMarked
package org.etalon.engine.worker;

import org.jspecify.annotations.NullMarked;
