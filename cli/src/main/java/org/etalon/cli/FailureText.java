package org.etalon.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.etalon.inference.ServingException;
import picocli.CommandLine.ParameterException;

/** Why a command failed, in a line a person can act on. */
final class FailureText {
  private FailureText() {}

  static String of(Exception failure) {
    return oneLine(failure instanceof FileSystemException file ? ofFile(file) : ofMessage(failure));
  }

  private static String ofMessage(Exception failure) {
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    boolean saysEnough =
        failure instanceof ServingException
            || failure instanceof IOException
            || failure instanceof IllegalArgumentException
            || failure instanceof ParameterException;
    return saysEnough ? message : failure.getClass().getSimpleName() + ": " + message;
  }

  /** The JDK names the file and leaves what happened to it to the exception's class. */
  private static String ofFile(FileSystemException failure) {
    String what =
        switch (failure) {
          case NoSuchFileException _ -> "no such file or folder";
          case AccessDeniedException _ -> "permission denied";
          default ->
              failure.getReason() == null
                  ? failure.getClass().getSimpleName()
                  : failure.getReason();
        };
    return failure.getFile() + ": " + what;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
