package org.etalon.engine.scheduling;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.ModelConfig;

/** One loaded version of a model, which answers requests. Thread-safe. */
public interface ServedVersion extends AutoCloseable {
  /**
   * Makes a version that runs on instances, and starts their threads; owns {@code model} from here,
   * also on failure.
   *
   * @param config complete and normalised: instance groups given, every tensor with name, datatype,
   *     dims
   * @param devices that the instance groups may name
   * @throws ServingException if an instance cannot be made
   */
  static ServedVersion open(
      String name, long version, BackendModel model, ModelConfig config, List<Device> devices) {
    return open(
        name,
        version,
        model,
        config,
        devices,
        SequenceTensors.none(),
        Map.of(),
        SharedServices.standard());
  }

  /**
   * The same for a model with sequences or labels.
   *
   * @param sequences what they add to its inputs
   * @param labels of the elements of each output that has any, by its name
   * @param shared what it has in common with other versions; not closed with it
   */
  static ServedVersion open(
      String name,
      long version,
      BackendModel model,
      ModelConfig config,
      List<Device> devices,
      SequenceTensors sequences,
      Map<String, List<String>> labels,
      SharedServices shared) {
    return InstancedVersion.open(
        new VersionName(name, version), model, config, devices, sequences, labels, shared);
  }

  /**
   * Makes an ensemble, which runs on the versions that its members are at the time of a request.
   *
   * @param config complete
   * @param labels of the elements of each output that has any, by its name
   * @param shared what its members have in common with other versions; not closed with it
   * @throws ServingException if a member is not ready, or members do not fit: every fault at once
   */
  static ServedVersion openEnsemble(
      String name,
      long version,
      ModelConfig config,
      EnsembleMembers members,
      Map<String, List<String>> labels,
      SharedServices shared) {
    return InstancedVersion.openEnsemble(
        new VersionName(name, version), config, members, labels, shared);
  }

  /**
   * Checks a request and takes it. An invalid one, or one too many, is answered at once on the
   * calling thread.
   *
   * @return how to give up on it
   */
  InferenceCall submit(InferenceRequest request, ResponseHandler handler);

  /**
   * Tells that the last request of a sequence will not come: it is over when those before it have
   * run. Does nothing where none of that name is open.
   */
  default void giveUp(Sequence.Id sequence) {}

  String name();

  long version();

  /** Completed: with every tensor, and every default filled in. */
  ModelConfig config();

  /** With the batch dimension, -1, first where the model batches. */
  List<TensorMetadata> inputs();

  /** With the batch dimension, -1, first where the model batches. */
  List<TensorMetadata> outputs();

  /** The labels of an output's elements, by their index; none if it has no labels. */
  List<String> labels(String output);

  /** Why an ensemble takes no requests now, though it may later; none while it does. */
  default Optional<String> unavailability() {
    return Optional.empty();
  }

  /** Tells how long loading took, for the statistics. */
  void loadedIn(Duration time);

  ModelStatistics statistics();

  /** Where this version runs, one entry an instance. */
  List<InstanceStatus> instances();

  /** Requests accepted and not yet answered. */
  int inFlight();

  /** Takes no new request (UNAVAILABLE); done when those accepted are answered. */
  CompletableFuture<Void> drain();

  /** Fails what still waits, lets what runs finish, gives all memory back. */
  @Override
  void close();
}
