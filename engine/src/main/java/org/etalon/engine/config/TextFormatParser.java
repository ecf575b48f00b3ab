package org.etalon.engine.config;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.inference.NearestName;
import org.jspecify.annotations.Nullable;

/**
 * Reads protobuf's text format by a message's descriptor and goes on after a fault, so that all are
 * found at once. Protobuf's own parser stops at the first. Owned by one thread, used once.
 */
final class TextFormatParser {
  private final String file;
  private final List<ConfigFault> faults = new ArrayList<>();
  private final Map<String, Position> positions = new HashMap<>();
  private final TokenCursor tokens;
  private final ScalarParser scalars;
  private final boolean isBalanced;

  TextFormatParser(String file, String text) {
    this.file = file;
    this.tokens = new TokenCursor(new TextFormatLexer(text, this::fault).tokens());
    this.scalars = new ScalarParser(tokens, this::fault);
    this.isBalanced = tokens.isBalanced();
  }

  /** Everything wrong, in the order of the text. */
  List<ConfigFault> faults() {
    return faults.stream()
        .sorted(Comparator.comparing(fault -> fault.position().orElse(Position.START)))
        .toList();
  }

  /** Where each field begins, by its path. */
  Map<String, Position> positions() {
    return positions;
  }

  private void fault(Position position, String message) {
    faults.add(new ConfigFault(file, Optional.of(position), message));
  }

  /** Reads the whole text into a message. */
  void parse(Message.Builder message) {
    Scope scope = new Scope(message, "", null, null, false);
    while (!tokens.peek().isEnd()) {
      fields(scope);
      if (!tokens.peek().isEnd()) {
        Token stray = tokens.next();
        fault(stray.position(), "'%s' closes nothing that is open".formatted(stray.text()));
      }
    }
  }

  /**
   * A message being read.
   *
   * @param path of the message in the whole, ending with a point; empty for the whole
   * @param opening its bracket; null for the whole
   * @param isInList true if a {@code ]} may follow it
   */
  private record Scope(
      Message.Builder message,
      String path,
      @Nullable Token opening,
      @Nullable Scope outer,
      boolean isInList,
      Map<FieldDescriptor, Integer> counts,
      Map<String, Position> keys) {
    Scope(
        Message.Builder message,
        String path,
        @Nullable Token opening,
        @Nullable Scope outer,
        boolean isInList) {
      this(message, path, opening, outer, isInList, new HashMap<>(), new HashMap<>());
    }

    Descriptor type() {
      return message.getDescriptorForType();
    }

    boolean isClosedBy(Token token) {
      return opening != null && token.is(opening.is('<') ? '>' : '}');
    }

    /** The innermost enclosing message that knows a field of that name. */
    @Nullable Scope enclosingWith(String name) {
      Scope scope = outer;
      while (scope != null && scope.type().findFieldByName(name) == null) {
        scope = scope.outer;
      }
      return scope;
    }
  }

  /**
   * Reads fields up to the bracket that closes the message, which is taken if it is the right one.
   */
  private void fields(Scope scope) {
    while (true) {
      Token token = tokens.peek();
      if (scope.isClosedBy(token)) {
        tokens.next();
        return;
      }
      if (token.isEnd() || token.isOneOf("}>]")) {
        if (closesWrongly(scope, token)) {
          return;
        }
      } else if (token.kind() == Token.Kind.IDENTIFIER) {
        if (isLeftOpenBefore(scope, token)) {
          notClosed(scope, token);
          return;
        }
        field(scope);
      } else {
        unexpected(token);
      }
    }
  }

  /** Handles a bracket or end that is not the one expected; true if the message ends here. */
  private boolean closesWrongly(Scope scope, Token token) {
    if (scope.opening == null) {
      return true;
    }
    boolean isAnothers = token.isEnd() || (token.is(']') && scope.isInList);
    if (isAnothers) {
      notClosed(scope, token);
      return true;
    }
    tokens.next();
    fault(
        token.position(),
        "'%s' cannot close the '%s' opened at %s"
            .formatted(token.text(), scope.opening.text(), scope.opening.position()));
    return !token.is(']');
  }

  /** True if a bracket was forgotten and this field is one of the message around. */
  private boolean isLeftOpenBefore(Scope scope, Token name) {
    return !isBalanced
        && scope.type().findFieldByName(name.text()) == null
        && scope.enclosingWith(name.text()) != null;
  }

  private void notClosed(Scope scope, Token before) {
    Token opening = scope.opening;
    if (opening != null) {
      fault(
          opening.position(),
          "'%s' is not closed before %s at %s"
              .formatted(opening.text(), before.found(), before.position()));
    }
  }

  private void unexpected(Token token) {
    fault(token.position(), "%s where a field's name is expected".formatted(token.found()));
    // What follows cannot be told apart until the next field: one fault is enough.
    while (!tokens.isAtEndOfValue()) {
      if (tokens.peek().isOneOf("{<[")) {
        tokens.skipBrackets();
      } else {
        tokens.next();
      }
    }
  }

  private void field(Scope scope) {
    Token name = tokens.next();
    FieldDescriptor field = scope.type().findFieldByName(name.text());
    if (field == null) {
      fault(name.position(), unknown(scope, name.text()));
      tokens.skipValue();
    } else {
      boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      positions.putIfAbsent(scope.path + field.getName(), name.position());
      boolean isAllowed = field.isRepeated() || isFirst(scope, field, name);
      boolean hasColon = tokens.accept(':');
      if (!hasColon && !isMessage) {
        fault(tokens.peek().position(), "':' expected after '%s'".formatted(name.text()));
      }
      values(scope, field, name, isAllowed);
    }
    if (!tokens.accept(',')) {
      tokens.accept(';');
    }
  }

  private static String unknown(Scope scope, String name) {
    List<String> known = scope.type().getFields().stream().map(FieldDescriptor::getName).toList();
    Scope enclosing = scope.enclosingWith(name);
    String hint =
        enclosing != null
            ? "; it belongs to " + enclosing.type().getName() + ", outside this '{'"
            : NearestName.close(name, known)
                .map("; did you mean '%s'?"::formatted)
                .orElse("; known are " + String.join(", ", known));
    return "unknown field '%s' in %s%s".formatted(name, scope.type().getName(), hint);
  }

  /** Reports a single field given twice, or two members of which only one may be given. */
  private boolean isFirst(Scope scope, FieldDescriptor field, Token name) {
    if (scope.counts.merge(field, 1, Integer::sum) > 1) {
      fault(
          name.position(),
          "'%s' is given twice, first at %s"
              .formatted(name.text(), positions.get(scope.path + name.text())));
      return false;
    }
    OneofDescriptor choice = field.getRealContainingOneof();
    if (choice != null && scope.message.hasOneof(choice)) {
      FieldDescriptor other = scope.message.getOneofFieldDescriptor(choice);
      fault(
          name.position(),
          "'%s' cannot be given beside '%s' at %s: only one of %s may be"
              .formatted(
                  name.text(),
                  other.getName(),
                  positions.get(scope.path + other.getName()),
                  choice.getFields().stream().map(FieldDescriptor::getName).toList()));
      return false;
    }
    return true;
  }

  private void values(Scope scope, FieldDescriptor field, Token name, boolean isAllowed) {
    Token first = tokens.peek();
    if (first.is('[') && field.isRepeated()) {
      list(scope, field, name);
    } else if (first.is('[')) {
      fault(
          first.position(),
          "'%s' takes one value, not a list (expected: %s)"
              .formatted(field.getName(), ScalarParser.expected(field)));
      tokens.skipBrackets();
    } else {
      value(scope, field, isAllowed, false);
    }
  }

  private void list(Scope scope, FieldDescriptor field, Token name) {
    Token opening = tokens.next();
    if (tokens.accept(']')) {
      return;
    }
    while (true) {
      if (isAtEndOfList()) {
        fault(
            tokens.peek().position(),
            "%s where a value of the list '%s' is expected"
                .formatted(tokens.peek().found(), name.text()));
      } else {
        value(scope, field, true, true);
      }
      if (tokens.accept(']')) {
        return;
      }
      if (isAtEndOfList()) {
        fault(
            opening.position(),
            "'[' is not closed before %s at %s"
                .formatted(tokens.peek().found(), tokens.peek().position()));
        return;
      }
      if (!tokens.accept(',')) {
        Token found = tokens.peek();
        fault(
            found.position(),
            "%s in the list '%s' (expected: ',' or ']')".formatted(found.found(), name.text()));
        tokens.accept(';');
      }
    }
  }

  /** True if no more values can follow, whether or not the list is closed. */
  private boolean isAtEndOfList() {
    return tokens.isAtEndOfValue();
  }

  private void value(Scope scope, FieldDescriptor field, boolean isAllowed, boolean isInList) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      message(scope, field, isAllowed, isInList);
      return;
    }
    Token first = tokens.peek();
    if (first.isOneOf("{<[")) {
      fault(
          first.position(),
          "'%s' is '%s' (expected: %s)"
              .formatted(field.getName(), first.text(), ScalarParser.expected(field)));
      tokens.skipBrackets();
      return;
    }
    Object value = scalars.parse(field);
    if (value == null || !isAllowed) {
      return;
    }
    if (field.isRepeated()) {
      scope.message.addRepeatedField(field, value);
    } else {
      scope.message.setField(field, value);
    }
  }

  private void message(Scope scope, FieldDescriptor field, boolean isAllowed, boolean isInList) {
    Token opening = tokens.peek();
    if (!opening.isOneOf("{<")) {
      fault(
          opening.position(),
          "%s after '%s' (expected: '{')".formatted(opening.found(), field.getName()));
      tokens.skipValue();
      return;
    }
    tokens.next();
    String path = scope.path + field.getName();
    if (field.isRepeated()) {
      path += "[" + (scope.counts.merge(field, 1, Integer::sum) - 1) + "]";
      positions.put(path, opening.position());
    }
    Message.Builder builder = scope.message.newBuilderForField(field);
    fields(new Scope(builder, path + ".", opening, scope, isInList));
    if (!field.isRepeated()) {
      if (isAllowed) {
        scope.message.setField(field, builder.build());
      }
    } else if (!field.isMapField() || isNewKey(scope, field, builder, opening)) {
      scope.message.addRepeatedField(field, builder.build());
    }
  }

  private boolean isNewKey(Scope scope, FieldDescriptor map, Message.Builder entry, Token opening) {
    Object key = entry.getField(map.getMessageType().findFieldByName("key"));
    String path = "%s%s[\"%s\"]".formatted(scope.path, map.getName(), key);
    Position earlier = scope.keys.putIfAbsent(path, opening.position());
    if (earlier != null) {
      fault(
          opening.position(),
          "key '%s' is given twice in '%s', first at %s".formatted(key, map.getName(), earlier));
      return false;
    }
    positions.put(path, opening.position());
    return true;
  }
}
