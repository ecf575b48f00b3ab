package org.etalon.strain.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentFileTest {
  /** As igwn-ligolw 2.1.1 writes it: rows in any order, a null at the end of a row. */
  private static final String XML =
      """
      <?xml version='1.0' encoding='utf-8'?>
      <!DOCTYPE LIGO_LW SYSTEM "http://ldas-sw.ligo.caltech.edu/doc/ligolwAPI/html/ligolw_dtd.txt">
      <LIGO_LW>
        <Table Name="segment_definer:table">
          <Column Name="process:process_id" Type="int_8s"/>
          <Column Name="segment_def_id" Type="int_8s"/>
          <Column Name="ifos" Type="lstring"/>
          <Column Name="name" Type="lstring"/>
          <Column Name="version" Type="int_4s"/>
          <Column Name="comment" Type="lstring"/>
          <Stream Name="segment_definer:table" Delimiter="," Type="Local">
            0,0,"L1","DCH-CLEAN",2,"",
            0,1,"H1","DMT-ANALYSIS_READY",1,"say \\"yes\\", \\\\ no"
          </Stream>
        </Table>
        <Table Name="segment_summary:table">
          <Column Name="start_time" Type="int_4s"/>
          <Column Name="end_time" Type="int_4s"/>
          <Column Name="segment_definer:segment_def_id" Type="int_8s"/>
          <Column Name="comment" Type="lstring"/>
          <Stream Name="segment_summary:table" Delimiter="," Type="Local">
            1126259300,1126259500,1,,
          </Stream>
        </Table>
        <Table Name="segmentgroup:segment:table">
          <Column Name="segment_id" Type="int_8s"/>
          <Column Name="segmentgroup:segment:start_time" Type="int_4s"/>
          <Column Name="start_time_ns" Type="int_4s"/>
          <Column Name="end_time" Type="int_4s"/>
          <Column Name="end_time_ns" Type="int_4s"/>
          <Column Name="segment_definer:segment_def_id" Type="int_8s"/>
          <Stream Name="segment:table" Delimiter="," Type="Local">
            0,1126259400,0,1126259446,0,1,
            1,1126259410,0,1126259440,0,0,
            2,1126259460,250000000,1126259470,500000000,1
          </Stream>
        </Table>
      </LIGO_LW>
      """;

  private static final SegmentList READY =
      SegmentList.of(
          Segment.ofSeconds(1126259400, 1126259446),
          new Segment(1126259460_250000000L, 1126259470_500000000L));

  @TempDir private Path folder;

  @Test
  void readsTheTablesOfLigoLightWeightXmlPlainAndCompressed() throws IOException {
    Path plain = write("x.xml", XML);
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write(XML.getBytes(StandardCharsets.UTF_8));
    }
    Path gzip = Files.write(folder.resolve("x.xml.gz"), zipped.toByteArray());
    for (Path path : List.of(plain, gzip)) {
      List<NamedSegments> lists = SegmentFile.read(path);
      assertThat(lists)
          .extracting(NamedSegments::name)
          .containsExactly("L1:DCH-CLEAN:2", "H1:DMT-ANALYSIS_READY:1");
      assertThat(lists.get(1).active()).isEqualTo(READY);
      assertThat(lists.get(1).known())
          .contains(SegmentList.of(Segment.ofSeconds(1126259300, 1126259500)));
      assertThat(lists.get(0).known()).isEmpty();
    }
    Files.write(gzip, Arrays.copyOf(zipped.toByteArray(), zipped.size() / 2));
    assertThatThrownBy(() -> SegmentFile.read(gzip)).hasMessageContaining("damaged gzip");
  }

  @Test
  void findsAListByItsNameOrAPartOfIt() throws IOException {
    Path path = write("x.xml", XML);
    for (String name :
        List.of("H1:DMT-ANALYSIS_READY:1", "H1:DMT-ANALYSIS_READY", "DMT-ANALYSIS_READY")) {
      assertThat(SegmentFile.read(path, Optional.of(name))).isEqualTo(READY);
    }
    assertThatThrownBy(() -> SegmentFile.read(path, Optional.empty()))
        .hasMessageContaining("2 lists, and none is named");
    assertThatThrownBy(() -> SegmentFile.read(path, Optional.of("DMT")))
        .hasMessageContaining("0 lists named 'DMT'")
        .hasMessageContaining("L1:DCH-CLEAN:2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "start_time_ns | start_time_ms | ok",
        "segment:start_time\" | segment:start\" | table segment: no column start_time",
        "0,1126259400,0 | 0,1126259400 | 17 values in 6 columns",
        "1126259440,0,0, | 1126259440,0,7, | segment_def_id 7, which is not defined",
        "1126259410 | 1126259450 | row {",
        "1126259410 | soon | row {",
        "no\" | no | table segment_definer: a text without its end",
        "segment_definer:table\" | segment_defined:table\" | no table segment_definer",
        "0,1,\"H1\" | 0,0,\"H1\" | segment_def_id 0 twice",
        "</LIGO_LW> | </LIGO_LV> | line 38: no well-formed XML",
      })
  void refusesWrongTablesByName(String from, String to, String problem) throws IOException {
    assertThat(XML).contains(from);
    Path path = write("x.xml", XML.replace(from, to));
    if (problem.equals("ok")) {
      assertThat(SegmentFile.read(path)).hasSize(2);
    } else {
      assertThatThrownBy(() -> SegmentFile.read(path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("x.xml: ")
          .hasMessageContaining(problem);
    }
  }

  @Test
  void fetchesNothingThatADocumentRefersTo() throws IOException {
    Path secret = write("secret", "hidden");
    Path path =
        write(
            "x.xml",
            "<!DOCTYPE a [<!ENTITY e SYSTEM \"%s\">]><LIGO_LW><Table Name=\"segment:table\"><Column Name=\"start_time\"/><Stream>&e;</Stream></Table></LIGO_LW>"
                .formatted(secret.toUri()));
    assertThatThrownBy(() -> SegmentFile.read(path))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void readsListsOfTwoAndOfFourColumns() throws IOException {
    Path two = write("two.txt", "# start stop\n10 20.5\n\n30,31 ; why\n");
    Path four = write("four.txt", "0 10 20.5 10.5\n1 30 31 1\n");
    SegmentList expected =
        SegmentList.of(new Segment(10_000_000_000L, 20_500_000_000L), Segment.ofSeconds(30, 31));
    assertThat(SegmentFile.read(two, Optional.empty())).isEqualTo(expected);
    assertThat(SegmentFile.read(four, Optional.empty())).isEqualTo(expected);
    assertThat(SegmentFile.read(write("none.txt", ""), Optional.empty()).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10 | 1 columns",
        "0 10 20 | 3 columns",
        "0 10 20 9 | duration of 9 s (expected: 10)",
        "20 10 | endNs",
        "10 x | GPS time: 'x'",
      })
  void refusesALineOfATextListByItsNumber(String line, String problem) throws IOException {
    Path path = write("x.txt", "# a list\n" + line + "\n");
    assertThatThrownBy(() -> SegmentFile.read(path))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.txt: line 2: ")
        .hasMessageContaining(problem);
  }

  @Test
  void readsTheNamedBitsOfPublicStrain() throws IOException {
    Path path =
        Path.of(System.getProperty("etalon.shared", "../../shared"))
            .resolve("data/H-H1_LOSC_4_V2-1126259446-32.hdf5");
    Assumptions.assumeTrue(Files.exists(path), "needs ../shared, which is not part of the project");
    Segment all = Segment.ofSeconds(1126259446, 1126259478);
    assertThat(SegmentFile.read(path))
        .extracting(NamedSegments::name)
        .contains("quality/simple/DQmask:DATA", "quality/injections/Injmask:NO_CW_HW_INJ");
    assertThat(SegmentFile.read(path, Optional.of("CBC_CAT1"))).isEqualTo(SegmentList.of(all));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
