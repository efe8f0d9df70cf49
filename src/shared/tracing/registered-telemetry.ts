/**
 * The parts of an OpenTelemetry SDK that the app has registered.
 *
 * All copies of `@opentelemetry/api` share them on `globalThis`, so that
 * libraries with other versions of the package use the same SDK. They are read
 * there, and not by a copy of the package: a copy that is newer than the app's
 * refuses to use them, and an app that is bundled, or an agent that is loaded
 * by NODE_OPTIONS, has none that could be found.
 */
import type {
  ContextManager,
  MeterProvider,
  TextMapPropagator,
  TracerProvider,
} from "@opentelemetry/api";

/** Each is undefined until it has been registered. */
export interface RegisteredTelemetry {
  readonly trace?: TracerProvider;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
  readonly metrics?: MeterProvider;
}

/** The same for all versions 1.x of the API. */
const API_KEY = Symbol.for("opentelemetry.js.api.1");

export function registeredTelemetry(): RegisteredTelemetry {
  const known = globalThis as Readonly<Record<symbol, unknown>>;
  return (known[API_KEY] as RegisteredTelemetry | undefined) ?? {};
}
