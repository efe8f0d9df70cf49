// An Express app with OpenTelemetry as its documentation sets it up. What it
// recorded is at /spans.
const {
  InMemorySpanExporter,
  SimpleSpanProcessor,
} = require("@opentelemetry/sdk-trace-base");
const { NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const {
  ExpressInstrumentation,
} = require("@opentelemetry/instrumentation-express");

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
}).register();
registerInstrumentations({
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()],
});

const express = require("express");

const app = express();
app.get("/users/:id", (request, response) => {
  setImmediate(() => response.send(request.params.id));
});
app.get("/spans", (_, response) => {
  const spans = exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    ...span.spanContext(),
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
  }));
  response.json(spans);
});

module.exports = async () => {
  const { serveNode } = await import("../../dist/index.js");
  return serveNode(app);
};
