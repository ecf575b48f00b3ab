package org.etalon.engine.worker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder in which service and worker meet: a socket and two files, which only the service's
 * user may open. Once the worker has connected it has the files open too, and all names are taken
 * away: nothing is left behind however either ends. Where the service ends before, the worker takes
 * them away.
 */
final class Meeting implements AutoCloseable {
  static final String SOCKET = "socket";
  static final String INPUTS = "inputs";
  static final String OUTPUTS = "outputs";

  /** Linux' file system in memory; elsewhere the folder for temporary files has to do. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path folder;
  private final ServerSocketChannel listener;
  private final SharedFile inputs;
  private final SharedFile outputs;

  private Meeting(
      Path folder, ServerSocketChannel listener, SharedFile inputs, SharedFile outputs) {
    this.folder = folder;
    this.listener = listener;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  static Meeting open() throws IOException {
    Path folder =
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "etalon-worker")
            : Files.createTempDirectory("etalon-worker");
    try {
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(folder.resolve(SOCKET)));
      return new Meeting(
          folder,
          listener,
          SharedFile.create(folder.resolve(INPUTS)),
          SharedFile.create(folder.resolve(OUTPUTS)));
    } catch (IOException e) {
      removeNames(folder);
      throw e;
    }
  }

  Path folder() {
    return folder;
  }

  SharedFile inputs() {
    return inputs;
  }

  SharedFile outputs() {
    return outputs;
  }

  /**
   * Waits for the worker, until {@link #giveUp}.
   *
   * @throws java.nio.channels.AsynchronousCloseException if that is called first
   */
  SocketChannel await() throws IOException {
    return listener.accept();
  }

  /** The worker will not come. Thread-safe. */
  void giveUp() {
    try {
      listener.close();
    } catch (IOException _) {
      // It listens no more, which is all that was asked.
    }
  }

  /** Ends the meeting; the files stay open. */
  @Override
  public void close() throws IOException {
    listener.close();
    removeNames(folder);
  }

  /** Takes away what is still there of a meeting. */
  static void removeNames(Path folder) throws IOException {
    for (String name : List.of(SOCKET, INPUTS, OUTPUTS)) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(folder);
  }
}
