package org.etalon.server.grpc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.LogSettingsRequest;
import org.etalon.protocol.proto.LogSettingsResponse;
import org.etalon.protocol.proto.TraceSettingRequest;
import org.etalon.protocol.proto.TraceSettingResponse;
import org.etalon.server.observation.LogSettings;
import org.etalon.server.observation.TraceSettings;

/** The protocol's messages about settings. */
final class SettingsMessages {
  private SettingsMessages() {}

  static Map<String, Parameter> changes(LogSettingsRequest request) {
    Map<String, Parameter> changes = new LinkedHashMap<>();
    request.getSettingsMap().forEach((name, value) -> changes.put(name, parameter(name, value)));
    return changes;
  }

  private static Parameter parameter(String name, LogSettingsRequest.SettingValue value) {
    return switch (value.getParameterChoiceCase()) {
      case BOOL_PARAM -> new Parameter.Bool(value.getBoolParam());
      case UINT32_PARAM -> new Parameter.Int64(Integer.toUnsignedLong(value.getUint32Param()));
      case STRING_PARAM -> new Parameter.Text(value.getStringParam());
      case PARAMETERCHOICE_NOT_SET ->
          throw ServingException.invalid("log settings: '%s' without a value".formatted(name));
    };
  }

  static Map<String, List<String>> changes(TraceSettingRequest request) {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    request
        .getSettingsMap()
        .forEach((name, value) -> changes.put(name, List.copyOf(value.getValueList())));
    return changes;
  }

  static TraceSettingResponse trace(TraceSettings settings) {
    TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
    settings
        .values()
        .forEach((name, values) ->
            response.putSettings(
                name, TraceSettingResponse.SettingValue.newBuilder().addAllValue(values).build()));
    return response.build();
  }

  static LogSettingsResponse log(LogSettings settings) {
    LogSettingsResponse.Builder response = LogSettingsResponse.newBuilder();
    settings.values().forEach((name, value) -> response.putSettings(name, message(value)));
    return response.build();
  }

  private static LogSettingsResponse.SettingValue message(Parameter value) {
    LogSettingsResponse.SettingValue.Builder message =
        LogSettingsResponse.SettingValue.newBuilder();
    switch (value) {
      case Parameter.Bool(boolean flag) -> message.setBoolParam(flag);
      case Parameter.Int64(long number) -> message.setUint32Param((int) number);
      case Parameter.Uint64(long number) -> message.setUint32Param((int) number);
      case Parameter.Text(String text) -> message.setStringParam(text);
      case Parameter.Real(double number) -> message.setStringParam(Double.toString(number));
    }
    return message.build();
  }
}
