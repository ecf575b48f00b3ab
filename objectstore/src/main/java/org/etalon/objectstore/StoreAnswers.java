package org.etalon.objectstore;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads what stores answer in XML. No entity and no document type is followed. */
final class StoreAnswers {
  private StoreAnswers() {}

  /**
   * Reads an answer of ListObjectsV2.
   *
   * @throws IOException if it is none, or is cut off
   */
  static ObjectListing listing(InputStream body) throws IOException {
    List<Map<String, String>> contents = new ArrayList<>();
    List<Map<String, String>> prefixes = new ArrayList<>();
    Map<String, String> top = new HashMap<>();
    try {
      XMLStreamReader xml = reader(body);
      xml.nextTag();
      if (!xml.getLocalName().equals("ListBucketResult")) {
        throw new IOException(
            "the store answered '%s' (expected: ListBucketResult)".formatted(xml.getLocalName()));
      }
      while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
        String name = xml.getLocalName();
        switch (name) {
          case "Contents" -> contents.add(fields(xml));
          case "CommonPrefixes" -> prefixes.add(fields(xml));
          default -> top.put(name, text(xml));
        }
      }
    } catch (XMLStreamException e) {
      throw new IOException("the store's listing cannot be read: " + e.getMessage(), e);
    }
    return listing(contents, prefixes, top);
  }

  private static ObjectListing listing(
      List<Map<String, String>> contents,
      List<Map<String, String>> prefixes,
      Map<String, String> top)
      throws IOException {
    boolean isEncoded = "url".equals(top.get("EncodingType"));
    List<StoredObject> objects = new ArrayList<>();
    for (Map<String, String> fields : contents) {
      try {
        objects.add(
            new StoredObject(
                decoded(field(fields, "Key"), isEncoded),
                Long.parseLong(field(fields, "Size")),
                field(fields, "ETag")));
      } catch (NumberFormatException e) {
        throw new IOException("the store's listing has no size where one belongs: " + fields, e);
      }
    }
    List<String> common = new ArrayList<>();
    for (Map<String, String> fields : prefixes) {
      common.add(decoded(field(fields, "Prefix"), isEncoded));
    }
    boolean isTruncated = "true".equals(top.get("IsTruncated"));
    return new ObjectListing(
        objects,
        common,
        isTruncated ? Optional.of(field(top, "NextContinuationToken")) : Optional.empty());
  }

  private static String field(Map<String, String> fields, String name) throws IOException {
    String value = fields.get(name);
    if (value == null) {
      throw new IOException(
          "the store's listing has no %s where one belongs: %s".formatted(name, fields));
    }
    return value;
  }

  private static String decoded(String text, boolean isEncoded) {
    return isEncoded ? URLDecoder.decode(text, StandardCharsets.UTF_8) : text;
  }

  /** What an error's body says, such as {@code AccessDenied: Access Denied}; else nothing. */
  static String error(InputStream body) {
    try {
      XMLStreamReader xml = reader(body);
      xml.nextTag();
      Map<String, String> fields = fields(xml);
      String region =
          fields.containsKey("Region") ? " (its region: " + fields.get("Region") + ")" : "";
      return "%s: %s%s"
          .formatted(
              fields.getOrDefault("Code", "no code"),
              fields.getOrDefault("Message", "no message"),
              region);
    } catch (XMLStreamException _) {
      return ""; // proxies and others answer what they like
    }
  }

  private static XMLStreamReader reader(InputStream body) throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory.createXMLStreamReader(body);
  }

  /** The texts of the elements in the one that begins here. */
  private static Map<String, String> fields(XMLStreamReader xml) throws XMLStreamException {
    Map<String, String> fields = new HashMap<>();
    while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
      String name = xml.getLocalName();
      fields.put(name, text(xml));
    }
    return fields;
  }

  /** The text of the element that begins here, without those of the elements in it. */
  private static String text(XMLStreamReader xml) throws XMLStreamException {
    StringBuilder text = new StringBuilder();
    int depth = 1;
    while (depth > 0) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> depth++;
        case XMLStreamConstants.END_ELEMENT -> depth--;
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
          if (depth == 1) {
            text.append(xml.getText());
          }
        }
        default -> {}
      }
    }
    return text.toString();
  }
}
