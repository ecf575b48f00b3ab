package org.etalon.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsContextTest {
  @TempDir private Path folder;
  private Instant now = Instant.EPOCH;

  @Test
  void takesRenewedFilesAndKeepsTheOldWhereTheNewAreBad() throws Exception {
    var first = new TestCertificates(folder, "first");
    var second = new TestCertificates(folder, "second");
    var files = new TlsFiles(first.certificate(), first.key(), Optional.empty());
    TlsContext tls = TlsContext.open(files, "h2", () -> now);
    SslContext before = tls.current();

    Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(first.key(), FileTime.from(Instant.now().plusSeconds(5)));
    assertThat(tls.current()).as("files are not looked at all the time").isSameAs(before);
    now = now.plusSeconds(11);
    SslContext renewed = tls.current();
    assertThat(renewed).isNotSameAs(before);

    Files.writeString(first.key(), "rubbish");
    now = now.plusSeconds(11);
    assertThat(tls.current()).isSameAs(renewed);
    Files.delete(first.key());
    now = now.plusSeconds(11);
    assertThat(tls.current()).isSameAs(renewed);
  }
}
