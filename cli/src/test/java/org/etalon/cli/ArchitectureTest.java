package org.etalon.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Maven's modules cannot state. */
class ArchitectureTest {
  private static JavaClasses etalon;

  @BeforeAll
  static void readAllModules() {
    etalon =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.etalon");
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.etalon.(**)").should().beFreeOfCycles().check(etalon);
  }

  @ParameterizedTest
  @ValueSource(strings = {"server", "engine", "client", "strain", "analysis"})
  void nobodyUsesAnotherModulesInternals(String module) {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.etalon." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.etalon." + module + "..internal..")
        .check(etalon);
  }

  @ParameterizedTest
  @CsvSource({
    "io.grpc.., engine|analysis|strain|inference|backends|cli",
    "io.netty.., engine|analysis|strain|inference|backends|cli",
    "ai.onnxruntime.., engine|analysis|strain|inference|server|client|protocol|cli",
    "org.apache.kafka.., engine|analysis|strain|inference|backends|server|client|protocol|cli",
    "org.etalon.engine.., analysis|strain|inference|client|protocol",
  })
  void whatIsForeignToAModuleStaysOutOfIt(String foreign, String modules) {
    for (String module : modules.split("\\|", -1)) {
      noClasses()
          .that()
          .resideInAPackage("org.etalon." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(foreign)
          .check(etalon);
    }
  }
}
