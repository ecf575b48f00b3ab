package org.etalon.strain.segments;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;

/**
 * The segment tables of a LIGO_LW document (LIGO-T990023): segment_definer names lists, segment has
 * their active times, segment_summary the times for which they are known. Nothing that a document
 * refers to is fetched.
 */
final class LigoLightWeight {
  private final Path path;
  private final Map<String, LightTable> tables = new LinkedHashMap<>();

  private LigoLightWeight(Path path) {
    this.path = path;
  }

  static List<NamedSegments> segments(Path path, InputStream xml) throws IOException {
    var document = new LigoLightWeight(path);
    document.read(xml);
    return document.lists();
  }

  private void read(InputStream xml) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(xml);
      while (reader.hasNext()) {
        if (reader.next() == XMLStreamReader.START_ELEMENT
            && reader.getLocalName().equals("Table")) {
          readTable(reader);
        }
      }
    } catch (XMLStreamException e) {
      throw new IOException(
          "%s: line %d: no well-formed XML (%s)"
              .formatted(
                  path,
                  e.getLocation() == null ? 0 : e.getLocation().getLineNumber(),
                  String.valueOf(e.getMessage()).lines().reduce((_, last) -> last).orElse("")),
          e);
    }
  }

  private void readTable(XMLStreamReader reader) throws XMLStreamException, IOException {
    int line = reader.getLocation().getLineNumber();
    String name = LightTable.tableName(attribute(reader, "Name", ""));
    List<String> columns = new ArrayList<>();
    LightTable table = new LightTable(path, name, line, columns);
    while (reader.next() != XMLStreamReader.END_ELEMENT || !reader.getLocalName().equals("Table")) {
      if (reader.getEventType() != XMLStreamReader.START_ELEMENT) {
        continue;
      }
      if (reader.getLocalName().equals("Column")) {
        columns.add(LightTable.columnName(attribute(reader, "Name", "")));
      } else if (reader.getLocalName().equals("Stream") && name.startsWith("segment")) {
        char delimiter = attribute(reader, "Delimiter", ",").charAt(0);
        table.fill(reader.getElementText(), delimiter);
      }
    }
    if (name.startsWith("segment") && tables.put(name, table) != null) {
      throw table.refusal("a second table of that name");
    }
  }

  private static String attribute(XMLStreamReader reader, String name, String otherwise) {
    String value = reader.getAttributeValue(null, name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private List<NamedSegments> lists() throws IOException {
    LightTable definers = require("segment_definer");
    Map<String, List<Segment>> active = byDefiner(require("segment"));
    LightTable summary = tables.get("segment_summary");
    Map<String, List<Segment>> known = summary == null ? Map.of() : byDefiner(summary);
    Map<String, String> names = new LinkedHashMap<>();
    for (Map<String, String> row : definers.rows("segment_def_id", "ifos", "name")) {
      String version = row.getOrDefault("version", "");
      String name =
          row.getOrDefault("ifos", "").replace(",", "").strip()
              + ":"
              + row.get("name")
              + (version.isEmpty() ? "" : ":" + version);
      if (names.put(String.valueOf(row.get("segment_def_id")), name) != null) {
        throw definers.refusal("segment_def_id %s twice".formatted(row.get("segment_def_id")));
      }
    }
    requireDefined(active, names, "segment");
    requireDefined(known, names, "segment_summary");
    List<NamedSegments> lists = new ArrayList<>();
    names.forEach((id, name) ->
        lists.add(
            new NamedSegments(
                name,
                new SegmentList(active.getOrDefault(id, List.of())),
                Optional.ofNullable(known.get(id)).map(SegmentList::new))));
    return lists;
  }

  private LightTable require(String name) throws IOException {
    LightTable table = tables.get(name);
    if (table == null) {
      throw new IOException(
          "%s: no table %s (expected: segment_definer and segment, in LIGO_LW)"
              .formatted(path, name));
    }
    return table;
  }

  private void requireDefined(
      Map<String, List<Segment>> times, Map<String, String> names, String table)
      throws IOException {
    for (String id : times.keySet()) {
      if (!names.containsKey(id)) {
        throw require(table).refusal("segment_def_id %s, which is not defined".formatted(id));
      }
    }
  }

  private static Map<String, List<Segment>> byDefiner(LightTable table) throws IOException {
    Map<String, List<Segment>> times = new LinkedHashMap<>();
    for (Map<String, String> row : table.rows("segment_def_id", "start_time", "end_time")) {
      String id = String.valueOf(row.get("segment_def_id"));
      Segment segment = segment(table, row);
      times.computeIfAbsent(id, _ -> new ArrayList<>()).add(segment);
    }
    return times;
  }

  private static Segment segment(LightTable table, Map<String, String> row) throws IOException {
    try {
      return new Segment(timeNs(row, "start_time"), timeNs(row, "end_time"));
    } catch (IllegalArgumentException e) {
      throw table.refusal("row %s: %s".formatted(row, e.getMessage()));
    }
  }

  private static long timeNs(Map<String, String> row, String column) {
    String nanos = row.getOrDefault(column + "_ns", "");
    return GpsTime.of(
        Long.parseLong(String.valueOf(row.get(column))),
        nanos.isEmpty() ? 0 : Long.parseLong(nanos));
  }
}
