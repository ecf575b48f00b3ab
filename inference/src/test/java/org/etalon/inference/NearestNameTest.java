package org.etalon.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN = List.of("max_batch_size", "input", "output");

  @Test
  void findsTheNameThatTakesTheFewestEdits() {
    assertThat(NearestName.of("intput", KNOWN)).isEqualTo("input");
    assertThat(NearestName.of("something else", List.of("a"))).isEqualTo("a");
  }

  @Test
  void countsASwapOfNeighboursAsOneEdit() {
    assertThat(NearestName.close("ab", List.of("ba"))).contains("ba");
    assertThat(NearestName.close("ab", List.of("dc"))).isEmpty();
  }

  @Test
  void takesUpperAndLowerCaseAsTheSame() {
    assertThat(NearestName.close("MAX_BATCH_SIZE", KNOWN)).contains("max_batch_size");
  }

  @Test
  void findsNothingCloseAmongStrangers() {
    assertThat(NearestName.close("priority", KNOWN)).isEmpty();
  }

  @Test
  void takesTheFirstInTheAlphabetAmongEquals() {
    assertThat(NearestName.of("x", List.of("c", "a", "b"))).isEqualTo("a");
  }

  @Test
  void findsNothingWhereNothingIsKnown() {
    assertThat(NearestName.close("x", List.of())).isEmpty();
    assertThatThrownBy(() -> NearestName.of("x", List.of()))
        .isInstanceOf(NoSuchElementException.class);
  }
}
