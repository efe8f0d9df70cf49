// Registers an SDK as its documentation does, for `--import`. It sends spans to
// OTEL_EXPORTER_OTLP_ENDPOINT. Spans of node:http servers are made by Remuda.
import { FastifyOtelInstrumentation } from "@fastify/otel";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { ExpressInstrumentation } from "@opentelemetry/instrumentation-express";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const processor = new BatchSpanProcessor(new OTLPTraceExporter(), {
  // By default spans beyond 2,048 in five seconds are dropped.
  maxQueueSize: 100_000,
  maxExportBatchSize: 10_000,
});
new NodeTracerProvider({ spanProcessors: [processor] }).register();

const disableIncomingRequestInstrumentation =
  process.env.INCOMING_HTTP !== "true";
registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation({ disableIncomingRequestInstrumentation }),
    new ExpressInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
    new UndiciInstrumentation(),
  ],
});
