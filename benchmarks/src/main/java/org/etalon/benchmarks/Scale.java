package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.Plot;

/**
 * What {@code docs/scale.md} says of more servers, devices and clients: tables, and a picture if a
 * file is given for it.
 */
final class Scale {
  private static final int[] CLIENTS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
  private static final String[] COLOURS = {"#999999", "#0b6e4f", "#1f6fb4", "#d1342b"};

  /**
   * {@code bbh} by rows: 16 KiB of input each. A device is one core of the measurements; a fast one
   * is an assumption, a hundred such cores in one.
   */
  private static final ScaleModel CORES = new ScaleModel(1, 4, 20, 200, 1, 2, 33, 8, 10, 250, 64);

  private static final ScaleModel FAST = new ScaleModel(1, 4, 20, 200, 1, 8, 33, 1, 100, 2.5, 64);

  private Scale() {}

  /** Argument: where the picture goes; none without. */
  public static void main(String[] arguments) throws IOException {
    System.out.println("Servers with 8 cores for bbh and 2 to receive and answer");
    double[][] cores = table(CORES, new int[] {1, 4, 16, 64});
    System.out.println(
        "Servers with a device of 100 cores' worth and 8 cores to receive and answer");
    table(FAST, new int[] {1, 2, 4, 8});
    System.out.println("One server, 1,000 clients: rows a second by devices of 100 cores' worth");
    for (int devices : new int[] {1, 2, 4, 8}) {
      ScaleSimulation.Result result =
          ScaleSimulation.run(FAST.withClients(1000).withDevices(devices), 100_000);
      System.out.printf(
          Locale.ROOT,
          "| %d | %.0f | devices %.0f %%, front %.0f %% |%n",
          devices,
          result.rowsPerSecond(),
          100 * result.deviceUse(),
          100 * result.frontUse());
    }
    if (arguments.length > 0) {
      Files.writeString(Path.of(arguments[0]), picture(cores, new int[] {1, 4, 16, 64}) + "\n");
    }
  }

  /** Prints rows a second and latency; returns rows a second by servers and clients. */
  private static double[][] table(ScaleModel model, int[] servers) {
    double[][] rows = new double[servers.length][CLIENTS.length];
    for (int c = 0; c < CLIENTS.length; c++) {
      StringBuilder line = new StringBuilder("| %,d |".formatted(CLIENTS[c]));
      for (int s = 0; s < servers.length; s++) {
        int requests = Math.max(20_000, 60 * CLIENTS[c]);
        ScaleSimulation.Result result =
            ScaleSimulation.run(model.withClients(CLIENTS[c]).withServers(servers[s]), requests);
        rows[s][c] = result.rowsPerSecond();
        line.append(
            String.format(
                Locale.ROOT,
                " %,.0f | %s / %s |",
                result.rowsPerSecond(),
                milliseconds(result.p50Us()),
                milliseconds(result.p99Us())));
      }
      System.out.println(line);
    }
    return rows;
  }

  private static String milliseconds(double us) {
    return String.format(Locale.ROOT, us < 10_000 ? "%.1f" : "%.0f", us / 1e3);
  }

  private static String picture(double[][] rows, int[] servers) {
    double[] xs = new double[CLIENTS.length];
    for (int c = 0; c < xs.length; c++) {
      xs[c] = CLIENTS[c];
    }
    Plot plot =
        new Plot(
            960,
            380,
            Axis.logarithmic("Clients", 1, 1000),
            Axis.logarithmic("Rows of bbh a second", 1e3, 4e6));
    for (int s = 0; s < servers.length; s++) {
      plot.line(servers[s] + (servers[s] == 1 ? " server" : " servers"), COLOURS[s], xs, rows[s]);
    }
    return plot.svg();
  }
}
