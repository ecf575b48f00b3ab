package org.etalon.strain.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrainCatalogTest {
  @TempDir private Path folder;

  @Test
  void knowsFilesByTheirNamesWithoutOpeningThem() throws IOException {
    Files.createDirectories(folder.resolve("b"));
    Files.writeString(folder.resolve("b/H-H1_HOFT-1262304004-4.gwf"), "");
    Files.writeString(folder.resolve("H-H1_HOFT-1262304000-4.gwf"), "");
    Files.writeString(folder.resolve("README.txt"), "no strain");
    StrainCatalog catalog = StrainCatalog.of(List.of(folder));
    assertThat(catalog.files()).extracting(FileEntry::description).containsOnly("H1_HOFT");
    assertThat(catalog.segments())
        .isEqualTo(SegmentList.of(Segment.ofSeconds(1262304000, 1262304008)));
  }

  @Test
  void readsLalCachesFrameFileListsAndLists() throws IOException {
    Path gwf = FrameFolder.write(folder, "A", 10, 4, "X1:A");
    Path cache =
        Files.writeString(
            folder.resolve("x.lcf"),
            "# a comment\nX A 10 4 file://localhost%s\nX A 14 4 X-A-14-4.gwf\n\n".formatted(gwf));
    Path ffl =
        Files.writeString(
            folder.resolve("x.ffl"), "/data/V-V1_X-20-4.gwf 20.000000 4.000000 0 0\n");
    Path list = Files.writeString(folder.resolve("x.cache"), "X-A-30-4.gwf\n");
    StrainCatalog catalog = StrainCatalog.of(List.of(cache, ffl, list));
    assertThat(catalog.files())
        .containsExactly(
            new FileEntry(gwf, "X", "A", Segment.ofSeconds(10, 14)),
            new FileEntry(folder.resolve("X-A-14-4.gwf"), "X", "A", Segment.ofSeconds(14, 18)),
            new FileEntry(Path.of("/data/V-V1_X-20-4.gwf"), "V", "V1_X", Segment.ofSeconds(20, 24)),
            new FileEntry(folder.resolve("X-A-30-4.gwf"), "X", "A", Segment.ofSeconds(30, 34)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X A 10 4 | 4 columns",
        "X A 10 | 3 columns",
        "X A ten 4 /a.gwf | start 'ten'",
        "X A 10 0 /a.gwf | duration '0'",
        "X A 10 -4 /a.gwf | duration '-4'",
        "X A 10 4 gsiftp://host/a.gwf | 'gsiftp://host/a.gwf'",
        "/a.gwf 10 x 0 0 | start '10'",
      })
  void refusesALineThatIsCutOffOrWrongByItsNumber(String line, String problem) throws IOException {
    Path cache = Files.writeString(folder.resolve("x.lcf"), "X A 10 4 /a.gwf\n" + line + "\n");
    assertThatThrownBy(() -> StrainCatalog.of(List.of(cache)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.lcf: line 2: ")
        .hasMessageContaining(problem);
  }

  @Test
  void findsTheKindOfFileThatHasAChannel() throws IOException {
    FrameFolder.write(folder, "A", 10, 4, "X1:A");
    FrameFolder.write(folder, "B", 10, 4, "X1:B");
    StrainCatalog catalog = StrainCatalog.of(List.of(folder));
    assertThat(catalog.with("X1:B").files())
        .extracting(FileEntry::description)
        .containsExactly("B");
    assertThatThrownBy(() -> catalog.with("X1:C")).hasMessageContaining("no channel 'X1:C'");
  }

  @Test
  void refusesAFolderWithoutStrain() {
    assertThatThrownBy(() -> StrainCatalog.of(List.of(folder)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no strain files");
  }
}
