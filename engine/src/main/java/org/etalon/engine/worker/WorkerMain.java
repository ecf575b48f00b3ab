package org.etalon.engine.worker;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.etalon.engine.backend.Backend;

/**
 * A worker process: one instance of a model, run for the service that has started it. It ends with
 * the service, however that ends: the socket between them closes, and so does its standard input,
 * which is looked at beside a run.
 */
public final class WorkerMain {
  private WorkerMain() {}

  /**
   * Runs until the service has no more to do for this process.
   *
   * @param arguments the backend's class, and the folder to meet the service in
   */
  public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
    leaveTerminal();
    Path folder = Path.of(arguments[1]);
    Thread.ofPlatform().daemon().name("etalon-parent").start(() -> endWithService(folder));
    Backend backend =
        Class.forName(arguments[0])
            .asSubclass(Backend.class)
            .getDeclaredConstructor()
            .newInstance();
    try (backend;
        SharedFile inputs = SharedFile.open(folder.resolve(Meeting.INPUTS));
        SharedFile outputs = SharedFile.open(folder.resolve(Meeting.OUTPUTS));
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve(Meeting.SOCKET)));
      try (Link link = new Link(channel);
          WorkerLoop loop = new WorkerLoop(backend, link, inputs, outputs)) {
        loop.run();
      }
    } catch (IOException e) {
      Meeting.removeNames(folder);
      throw e;
    }
  }

  /**
   * Leaves the terminal's signals, such as that of Ctrl-C, to the service, which lets its workers
   * finish: {@code setsid(2)}, a session of its own. Elsewhere than on POSIX there is none.
   */
  private static void leaveTerminal() {
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("setsid")
        .ifPresent(function -> {
          try {
            int _ =
                (int)
                    linker
                        .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT))
                        .invokeExact();
          } catch (Throwable e) {
            throw new IllegalStateException("setsid", e);
          }
        });
  }

  /** Also while native code runs, and never returns. */
  private static void endWithService(Path folder) {
    InputStream fromService = System.in;
    try {
      while (fromService.read() >= 0) {
        // Nothing is ever sent.
      }
      Meeting.removeNames(folder);
    } catch (IOException _) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(0);
  }
}
