/**
 * Packages that hook into Node's server, untouched, around an Express app. They
 * are in a package of their own, test/agents/package.json, because they are
 * large.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { type Daemon, startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { waitUntil } from "../support/wait-until.ts";

const isInstalled = existsSync(path.join(import.meta.dirname, "node_modules"));

/** In CI they must be there. */
const skip =
  !isInstalled && process.env.CI !== "true"
    ? "not installed: npm --prefix test/agents ci"
    : false;

after(stopAllDaemons);

const start = (app: string) =>
  startDaemon({ app: `test/agents/${app}`, args: ["--workers", "1"] });

async function get({ address }: Daemon, target: string, headers = {}) {
  assert.ok("port" in address);
  const url = `http://127.0.0.1:${address.port}${target}`;
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text() };
}

describe("OpenTelemetry's instrumentation", { skip }, () => {
  interface Span {
    readonly name: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }

  test("has one trace from the client to Express", async () => {
    const daemon = await start("traced-app.cjs");
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const parentId = "b7ad6b7169203331";
    const traceparent = `00-${traceId}-${parentId}-01`;
    const { text } = await get(daemon, "/users/7", { traceparent });
    assert.equal(text, "7");
    const spans: Span[] = JSON.parse((await get(daemon, "/spans")).text);
    const [server, handler] = spans;
    assert.ok(server && handler);
    assert.deepEqual(
      [server.traceId, server.parentSpanId],
      [traceId, parentId],
    );
    assert.equal(server.name, "GET /users/:id");
    const { attributes } = server;
    assert.equal(attributes["http.route"], "/users/:id");
    assert.equal(attributes["http.response.status_code"], 200);
    assert.equal(attributes["network.peer.address"], "127.0.0.1");
    assert.equal(typeof attributes["network.peer.port"], "number");
    assert.equal(handler.traceId, traceId);
    assert.equal(handler.parentSpanId, server.spanId);
    assert.equal(handler.attributes["express.name"], "/users/:id");
    await daemon.stop();
  });
});

describe("Sentry", { skip }, () => {
  interface Event {
    readonly tags?: { readonly id: string };
    readonly transaction: string;
    readonly message: string;
  }

  test("does not mix up requests, and has the route of an error", async () => {
    const daemon = await start("reported-app.cjs");
    const ids = ["0", "1", "2"];
    await Promise.all(ids.map((id) => get(daemon, `/users/${id}`)));
    assert.equal((await get(daemon, "/error")).status, 500);
    const events = async (): Promise<Event[]> =>
      JSON.parse((await get(daemon, "/events")).text);
    const isComplete = async () => (await events()).length === 4;
    await waitUntil(isComplete, { what: "the events" });
    const of = (id: string) => ({
      tags: { id },
      transaction: "GET /users/:id",
      message: `user ${id}`,
    });
    const [error, ...messages] = (await events()).sort((one, other) =>
      one.message.localeCompare(other.message),
    );
    assert.deepEqual(error, { transaction: "GET /error", message: "broken" });
    assert.deepEqual(messages, ids.map(of));
    await daemon.stop();
  });
});
