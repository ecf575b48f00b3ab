package org.etalon.backends.libraries;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** What Maven's {@code settings.xml} says of mirrors. */
final class MavenSettings {
  private static final Logger LOG = LoggerFactory.getLogger(MavenSettings.class);
  private static final Set<String> MEAN_CENTRAL = Set.of("*", "central", "external:*");

  private MavenSettings() {}

  /** The mirror of Maven Central, if one is set. A file that cannot be read has none. */
  static Optional<URI> mirror(Path settings) {
    if (!Files.isReadable(settings)) {
      return Optional.empty();
    }
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      NodeList mirrors =
          factory.newDocumentBuilder().parse(settings.toFile()).getElementsByTagName("mirror");
      for (int i = 0; i < mirrors.getLength(); i++) {
        Element mirror = (Element) mirrors.item(i);
        if (isOfCentral(text(mirror, "mirrorOf"))) {
          return Optional.of(URI.create(text(mirror, "url")));
        }
      }
    } catch (ParserConfigurationException
        | SAXException
        | IOException
        | IllegalArgumentException e) {
      LOG.warn("{} says no mirror: {}", settings, e.getMessage());
    }
    return Optional.empty();
  }

  private static boolean isOfCentral(String repositories) {
    List<String> names = List.of(repositories.split("\\s*,\\s*"));
    return names.stream().anyMatch(MEAN_CENTRAL::contains) && !names.contains("!central");
  }

  private static String text(Element mirror, String name) {
    NodeList found = mirror.getElementsByTagName(name);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
  }
}
