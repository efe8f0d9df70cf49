/**
 * Traces what the master does, if an SDK of OpenTelemetry is registered in it: a
 * rolling restart and an upgrade are a trace each, with a span for each worker
 * that starts or drains meanwhile. It follows the effects of the supervisor.
 */
import type { Context, Span, Tracer } from "@opentelemetry/api";
import type { Logger } from "../../shared/logging/logger.ts";
import { packageVersion } from "../../shared/package-version.ts";
import { flushTelemetry } from "../../shared/tracing/flush-telemetry.ts";
import { registeredTelemetry } from "../../shared/tracing/registered-telemetry.ts";
import { EMPTY_SCOPE, withSpan } from "../../shared/tracing/trace-scope.ts";
import type { SpanIds } from "../../shared/upgrade-messages.ts";
import type { Effect } from "../supervisor/effect.ts";
import type { ReloadOutcome } from "../supervisor/rollout/reload-outcome.ts";
import type { WorkerHandle } from "../supervisor/workers/worker-handle.ts";

interface Operation {
  /** Undefined if the span is one of the outgoing master. */
  readonly span: Span | undefined;
  /** The context of the spans of its workers. */
  readonly scope: Context;
}

/** `SpanStatusCode.ERROR` of the API. */
const ERROR = 2;

/** Longest time for the export of the last spans. */
const FLUSH_MS = 5_000;

export class DaemonSpans {
  readonly #tracer: Tracer | undefined;
  readonly #workers = new Map<WorkerHandle, Span>();
  #operation: Operation | undefined;

  /** @param upgrade the span of the outgoing master, if it has one */
  constructor(upgrade: SpanIds | undefined) {
    const { trace } = registeredTelemetry();
    this.#tracer = trace?.getTracer("remuda", packageVersion());
    if (!upgrade) return;
    const remote = { spanContext: () => ({ ...upgrade, isRemote: true }) };
    const scope = withSpan(EMPTY_SCOPE, remote as Span);
    this.#operation = { span: undefined, scope };
  }

  /** The ids of the span of an upgrade in progress. */
  get upgrade(): SpanIds | undefined {
    const ids = this.#operation?.span?.spanContext();
    if (!ids) return undefined;
    const { traceId, spanId, traceFlags } = ids;
    return { traceId, spanId, traceFlags };
  }

  onEffect(effect: Effect): void {
    if (!this.#tracer) return;
    switch (effect.type) {
      case "reloading":
        this.#begin(this.#tracer, "rolling restart");
        break;
      case "reloadEnded":
        this.#onReloadEnded(effect.outcome);
        break;
      case "spawnIncoming":
        this.#begin(this.#tracer, "upgrade");
        break;
      case "answerAdmin":
        this.#end("the upgrade failed");
        break;
      case "started":
        // In an incoming master: its workers are the last part of the upgrade.
        if (!this.#operation?.span) this.#operation = undefined;
        break;
      case "bootWorker":
        this.#beginWorker(this.#tracer, "start worker", effect.worker);
        break;
      case "drainWorker":
        this.#endWorker(effect.worker);
        this.#beginWorker(this.#tracer, "drain worker", effect.worker);
        break;
      case "workerReady":
        this.#endWorker(effect.worker);
        break;
      case "workerGone":
        this.#onGone(effect.worker);
        break;
      default:
        break;
    }
  }

  /** Ends all spans, and has them exported. */
  async close(logger: Logger): Promise<void> {
    if (!this.#tracer) return;
    for (const worker of this.#workers.keys()) this.#endWorker(worker);
    this.#end();
    await flushTelemetry({ logger, timeoutMs: FLUSH_MS });
  }

  #begin(tracer: Tracer, name: string): void {
    this.#end();
    const span = tracer.startSpan(name, {}, EMPTY_SCOPE);
    this.#operation = { span, scope: withSpan(EMPTY_SCOPE, span) };
  }

  #end(error?: string): void {
    const span = this.#operation?.span;
    this.#operation = undefined;
    if (error !== undefined) fail(span, error);
    span?.end();
  }

  #onReloadEnded({ result, error }: ReloadOutcome): void {
    // The span of the later reload has replaced this one's.
    if (result === "superseded") return;
    this.#end(result === "success" ? undefined : (error ?? result));
  }

  #beginWorker(tracer: Tracer, name: string, worker: WorkerHandle): void {
    if (!this.#operation) return;
    const { slot, generation, pid } = worker;
    const attributes = {
      "remuda.worker": slot,
      "remuda.generation": generation,
      "process.pid": pid,
    };
    const { scope } = this.#operation;
    this.#workers.set(worker, tracer.startSpan(name, { attributes }, scope));
  }

  #endWorker(worker: WorkerHandle): void {
    this.#workers.get(worker)?.end();
    this.#workers.delete(worker);
  }

  #onGone(worker: WorkerHandle): void {
    const { failure } = worker;
    if (failure) fail(this.#workers.get(worker), failure.message);
    this.#endWorker(worker);
  }
}

function fail(span: Span | undefined, message: string): void {
  span?.setStatus({ code: ERROR, message });
}
