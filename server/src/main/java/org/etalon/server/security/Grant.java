package org.etalon.server.security;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rights over some models.
 *
 * @param models what a model's name must match one of
 * @param isForAllModels true if the rights hold for every model and for the server itself
 */
record Grant(Set<Right> rights, List<Pattern> models, boolean isForAllModels) {
  Grant {
    rights = Set.copyOf(rights);
    models = List.copyOf(models);
  }

  static Grant ofAllModels(Set<Right> rights) {
    return new Grant(rights, List.of(), true);
  }

  /**
   * @param globs model names, in which {@code *} stands for any text
   */
  static Grant ofModels(Set<Right> rights, List<String> globs) {
    return globs.contains("*")
        ? ofAllModels(rights)
        : new Grant(rights, globs.stream().map(Grant::pattern).toList(), false);
  }

  /** This for one model only; for none if this does not hold for that. */
  Grant narrowedTo(String model) {
    boolean isAllowed =
        isForAllModels || models.stream().anyMatch(each -> each.matcher(model).matches());
    return new Grant(
        rights, isAllowed ? List.of(Pattern.compile(Pattern.quote(model))) : List.of(), false);
  }

  private static Pattern pattern(String glob) {
    return Pattern.compile(
        Arrays.stream(glob.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }

  /**
   * True if this allows it. What concerns no model in particular needs a grant for all models, but
   * for reading and health, which any grant of theirs allows.
   */
  boolean allows(Right right, @Nullable String model) {
    if (!rights.contains(right)) {
      return false;
    }
    if (isForAllModels) {
      return true;
    }
    if (model == null) {
      return right == Right.HEALTH || right == Right.READ || right == Right.INFER;
    }
    return models.stream().anyMatch(pattern -> pattern.matcher(model).matches());
  }
}
