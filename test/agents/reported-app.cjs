// An Express app with Sentry, whose events are at /events and go nowhere else.
const Sentry = require("@sentry/node");

const events = [];
Sentry.init({
  dsn: "http://key@127.0.0.1:9/1",
  tracesSampleRate: 1,
  transport: () => ({
    send: async ([, items]) => {
      for (const [{ type }, event] of items) {
        if (type === "event") events.push(event);
      }
      return {};
    },
    flush: async () => true,
  }),
});

const express = require("express");

const app = express();
const waiting = [];
app.get("/users/:id", async (request, response) => {
  const { id } = request.params;
  Sentry.setTag("id", id);
  // Three requests at once: none is reported before the last one has come.
  await new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 3) for (const goOn of waiting.splice(0)) goOn();
  });
  Sentry.captureMessage(`user ${id}`);
  response.send(id);
});
app.get("/error", () => {
  throw new Error("broken");
});
app.get("/events", (_, response) => {
  const seen = events.map(({ tags, transaction, message, exception }) => ({
    tags,
    transaction,
    message: message ?? exception.values[0].value,
  }));
  response.json(seen);
});
Sentry.setupExpressErrorHandler(app);

module.exports = async () => {
  const { serveNode } = await import("../../dist/index.js");
  return serveNode(app);
};
