package org.etalon.engine.config;

import java.util.List;
import java.util.OptionalInt;

/**
 * How much there is of what instances share by {@code rate_limiter}.
 *
 * @param resources empty: of each resource, as much as the instance that asks for most of it; else
 *     of those that are not listed there is none
 */
public record RateLimits(List<Resource> resources) {
  /**
   * @param device that has it; empty: each of them has so much
   * @param count 0 or more
   */
  public record Resource(String name, OptionalInt device, int count) {
    public Resource {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("resource: no name (expected: one)");
      }
      if (count < 0) {
        throw new IllegalArgumentException(
            "resource '%s': %d (expected: 0 or more)".formatted(name, count));
      }
      if (device.isPresent() && device.getAsInt() < 0) {
        throw new IllegalArgumentException(
            "resource '%s': device %d (expected: 0 or more)".formatted(name, device.getAsInt()));
      }
    }
  }

  public RateLimits {
    resources = List.copyOf(resources);
  }

  /** How much a device has of a resource. */
  public int onDevice(String name, int device) {
    return resources.stream()
        .filter(resource -> resource.name.equals(name))
        .filter(resource -> resource.device.orElse(device) == device)
        .mapToInt(Resource::count)
        .max()
        .orElse(0);
  }

  /** How much there is of a resource that all devices share, whatever device is named. */
  public int ofAll(String name) {
    return resources.stream()
        .filter(resource -> resource.name.equals(name))
        .mapToInt(Resource::count)
        .max()
        .orElse(0);
  }
}
