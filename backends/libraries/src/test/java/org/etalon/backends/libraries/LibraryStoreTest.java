package org.etalon.backends.libraries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LibraryStoreTest {
  private static final FetchListener NOBODY = (_, _, _) -> {};

  private static final String JAR_PATH = "org/example/natives/1.0/natives-1.0-any.jar";
  private static final String WHEEL = "natives-1.0-py3-none-any.whl";

  @TempDir Path directory;
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private byte[] jar;
  private byte[] answer;
  private LibrarySet set;
  private String listing = "";

  @BeforeEach
  void open() throws Exception {
    jar = jar("libone.so", "one", "libtwo.so", "two", "readme", "not wanted");
    answer = jar;
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(jar));
    MavenFile file =
        MavenFile.of(
            "org/example", "natives", "1.0", "any", new MavenFile.Content(jar.length, sha256));
    set =
        new LibrarySet(
            "example",
            "1.0",
            List.of(new LibrarySet.Archive(file, "native/", List.of("libone.so", "libtwo.so"))));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/maven/org/example/natives/1.0/natives-1.0-any.jar",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, jar.length);
          try (exchange) {
            exchange.getResponseBody().write(answer);
          } catch (IOException e) {
            // cut short on purpose
          }
        });
    server.createContext(
        "/simple/natives/",
        exchange -> {
          byte[] page = listing.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, page.length);
          try (exchange) {
            exchange.getResponseBody().write(page);
          }
        });
    server.createContext(
        "/files/" + WHEEL,
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, jar.length);
          try (exchange) {
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private static byte[] jar(String... namesAndContents) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        zip.putNextEntry(new ZipEntry("native/" + namesAndContents[i]));
        zip.write(namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private LibraryStore store(Path local) {
    URI remote = URI.create("http://localhost:%d/maven/".formatted(server.getAddress().getPort()));
    return new LibraryStore(
        directory.resolve("store"),
        new LibrarySources(List.of(local), Optional.of(remote), Optional.of(index())));
  }

  private URI index() {
    return URI.create("http://localhost:%d/simple".formatted(server.getAddress().getPort()));
  }

  /** The same archive as a wheel. */
  private LibrarySet wheel() {
    PinnedFile file = set.archives().getFirst().file();
    return new LibrarySet(
        "wheeled",
        "1.0",
        List.of(
            new LibrarySet.Archive(
                new PythonWheel("natives", WHEEL, file.bytes(), file.sha256()),
                "native/",
                List.of("libone.so"))));
  }

  private LibraryStore store() {
    return store(directory.resolve("none"));
  }

  private void assertNothingIsInstalled() throws IOException {
    assertThat(store().isInstalled(set)).isFalse();
    try (var files = Files.list(directory.resolve("store"))) {
      assertThat(files).extracting(file -> file.getFileName().toString()).containsOnly(".lock");
    }
  }

  @Test
  void fetchesOnceUnpacksAndNeedsNoNetworkAfterwards() throws IOException {
    List<Long> heard = new ArrayList<>();
    Path installed = store().provide(set, (_, bytes, _) -> heard.add(bytes));
    try (var files = Files.list(installed)) {
      assertThat(files)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("libone.so", "libtwo.so");
    }
    assertThat(installed.resolve("libtwo.so")).hasContent("two");
    assertThat(heard).last().isEqualTo((long) jar.length);
    server.stop(0);
    assertThat(store().provide(set, NOBODY)).isEqualTo(installed);
    assertThat(requests).hasValue(1);
  }

  @Test
  void prefersTheLocalMavenRepository() throws IOException {
    Path local = directory.resolve("m2");
    Path file = local.resolve(JAR_PATH);
    Files.createDirectories(file.getParent());
    Files.write(file, jar);
    store(local).provide(set, NOBODY);
    assertThat(requests).hasValue(0);
  }

  @Test
  void fetchesWhereTheLocalFileIsAnother() throws IOException {
    Path local = directory.resolve("m2");
    Path file = local.resolve(JAR_PATH);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "something else");
    store(local).provide(set, NOBODY);
    assertThat(requests).hasValue(1);
  }

  @Test
  void anotherFileThanThePinnedOneIsNeverUsed() throws IOException {
    answer = jar.clone();
    answer[40] ^= 1;
    assertThatThrownBy(() -> store().provide(set, NOBODY))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContainingAll(
            "backend 'example'", "is not the pinned file", "etalon backends install example");
    assertNothingIsInstalled();
    answer = jar;
    assertThat(store().provide(set, NOBODY)).isDirectory();
  }

  @Test
  void fileThatIsCutShortIsNeverUsed() throws IOException {
    answer = java.util.Arrays.copyOf(jar, jar.length / 2);
    assertThatThrownBy(() -> store().provide(set, NOBODY))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("cannot be fetched from http://localhost");
    assertNothingIsInstalled();
  }

  @Test
  void whatAnInterruptedInstallationLeftIsSweptAway() throws IOException {
    Path partial = directory.resolve("store").resolve(set.folderName() + ".part");
    Files.createDirectories(partial);
    Files.writeString(partial.resolve("libone.so"), "half");
    assertThat(store().provide(set, NOBODY).resolve("libone.so")).hasContent("one");
    assertThat(partial).doesNotExist();
  }

  @Test
  void serverThatIsNotThereIsNamedWithRemedies() {
    server.stop(0);
    assertThatThrownBy(() -> store().provide(set, NOBODY))
        .isInstanceOf(ServingException.class)
        .hasMessageContainingAll(
            "libraries of backend 'example' are not installed",
            "http://localhost",
            "--maven-repository");
  }

  @Test
  void withoutARemoteRepositoryNothingIsFetched() {
    LibraryStore offline =
        new LibraryStore(
            directory.resolve("store"),
            new LibrarySources(List.of(), Optional.empty(), Optional.empty()));
    assertThatThrownBy(() -> offline.provide(set, NOBODY))
        .hasMessageContaining("cannot be fetched from anywhere");
    assertThat(requests).hasValue(0);
  }

  @Test
  void aWheelIsFetchedFromWhereTheIndexListsIt() {
    listing =
        "<a href=\"../../files/other.whl\">o</a> <a href=\"../../files/" + WHEEL + "#sha256=x\">";
    assertThat(store().provide(wheel(), NOBODY).resolve("libone.so")).hasContent("one");
    store().provide(wheel(), NOBODY);
    assertThat(requests).hasValue(1);
  }

  @Test
  void aWheelThatIsNotThePinnedOneIsNeverUsed() {
    listing = "<a href='../../files/" + WHEEL + "'>";
    answer = jar.clone();
    answer[40] ^= 1;
    assertThatThrownBy(() -> store().provide(wheel(), NOBODY))
        .hasMessageContaining("is not the pinned file");
    assertThat(store().isInstalled(wheel())).isFalse();
  }

  @Test
  void aWheelThatTheIndexDoesNotListIsNamedWithRemedies() {
    assertThatThrownBy(() -> store().provide(wheel(), NOBODY))
        .isInstanceOf(ServingException.class)
        .hasMessageContainingAll("lists no " + WHEEL, "--python-index", "ETALON_PYTHON_INDEX");
  }

  @Test
  void severalAtOnceFetchOnce() {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(CompletableFuture.supplyAsync(() -> store().provide(set, NOBODY)));
    }
    assertThat(all).extracting(CompletableFuture::join).containsOnly(store().folderOf(set));
    assertThat(requests).hasValue(1);
  }

  @Test
  void mirrorOfMavenCentralIsReadFromSettings() throws IOException {
    Path settings = directory.resolve("settings.xml");
    Files.writeString(
        settings,
        "<settings><mirrors><mirror><id>a</id><mirrorOf>other</mirrorOf><url>http://a</url></mirror>"
            + "<mirror><mirrorOf>external:*, !private</mirrorOf><url>http://mirror/maven</url></mirror></mirrors></settings>");
    assertThat(MavenSettings.mirror(settings)).contains(URI.create("http://mirror/maven"));
    Files.writeString(settings, "<settings><mirrors>");
    assertThat(MavenSettings.mirror(settings)).isEmpty();
    assertThat(MavenSettings.mirror(directory.resolve("none.xml"))).isEmpty();
  }
}
