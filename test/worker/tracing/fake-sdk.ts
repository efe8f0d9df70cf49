import { AsyncLocalStorage } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import type { TestContext } from "node:test";
import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type SpanStatus,
  type TextMapPropagator,
  type Tracer,
  trace,
} from "@opentelemetry/api";

/** A span, as it was when it ended. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: number | undefined;
  readonly attributes: Record<string, unknown>;
  readonly status: SpanStatus | undefined;
  readonly events: readonly string[];
  /** "parent" of the field that the propagator reads. */
  readonly parent: unknown;
}

/** Those of each span. */
export const SPAN_IDS = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
};

const PARENT = Symbol.for("parent");

/** What an app registers, with a memory of the spans that have ended. */
export class FakeSdk {
  readonly ended: EndedSpan[] = [];
  /** Thrown by the next calls of the tracer, if set. */
  failure: Error | undefined;
  forceFlush: () => Promise<void> = async () => {};

  /** Registered until the test ends. */
  static register(t: TestContext): FakeSdk {
    const sdk = new FakeSdk();
    const { tracer } = sdk;
    const getTracer = () => tracer;
    const provider = { getTracer, forceFlush: () => sdk.forceFlush() };
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(contextManager());
    propagation.setGlobalPropagator(propagator);
    t.after(() => {
      trace.disable();
      context.disable();
      propagation.disable();
    });
    return sdk;
  }

  get tracer(): Tracer {
    return {
      startSpan: (name, options, scope) => this.#start(name, options, scope),
      startActiveSpan: () => {
        throw new Error("not used");
      },
    };
  }

  #start(name: string, options: SpanOptions = {}, scope?: Context): Span {
    if (this.failure) throw this.failure;
    const { ended } = this;
    const attributes: Record<string, unknown> = { ...options.attributes };
    const events: string[] = [];
    const parent = scope?.getValue(PARENT);
    const span = { name, kind: options.kind, attributes, events, parent };
    let status: SpanStatus | undefined;
    const fake: Partial<Span> = {
      spanContext: () => SPAN_IDS,
      setAttribute: (key, value) => {
        attributes[key] = value;
        return fake as Span;
      },
      setStatus: (given) => {
        status = given;
        return fake as Span;
      },
      updateName: (given) => {
        span.name = given;
        return fake as Span;
      },
      addEvent: (event) => {
        events.push(event);
        return fake as Span;
      },
      recordException: (error) => {
        const { name: type } = error as Error;
        events.push(`exception ${type}`);
      },
      end: () => {
        if (this.failure) throw this.failure;
        ended.push({ ...span, status });
      },
    };
    return fake as Span;
  }
}

const propagator: TextMapPropagator = {
  inject: () => {},
  fields: () => ["x-parent"],
  extract: (scope, carrier, getter) => {
    const parent = getter.get(carrier, "x-parent");
    return scope.setValue(PARENT, parent);
  },
};

function contextManager(): ContextManager {
  const active = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => active.getStore() ?? ROOT_CONTEXT,
    with: (scope, call, self, ...args) => {
      return active.run(scope, () => call.apply(self as never, args));
    },
    bind: (scope, target) => {
      const emitter = target as EventEmitter;
      const emit = emitter.emit.bind(emitter);
      emitter.emit = (...args) => active.run(scope, () => emit(...args));
      return target;
    },
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
