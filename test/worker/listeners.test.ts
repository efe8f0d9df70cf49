import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import type { z } from "zod";
import { ListenSocket } from "../../src/master/listen-socket.ts";
import { monotonicClock } from "../../src/shared/clock.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import type { RawHandle } from "../../src/shared/ipc-messages.ts";
import { text } from "../../src/worker/http/responses.ts";
import { Listeners } from "../../src/worker/listeners.ts";
import { Meter } from "../../src/worker/meter.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { waitUntil } from "../support/wait-until.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

type Given = z.input<typeof settingsSchema>;

/** All listeners of the settings, on sockets of this process. */
async function serve(t: TestContext, given: Given) {
  const settings = settingsSchema.parse({ scheduling: "shared", ...given });
  const meter = new Meter();
  const listeners = new Listeners({
    settings,
    handler: () => text("hello"),
    meter,
    clock: monotonicClock,
    ticketKeys: Buffer.alloc(48),
    onHandshakeFailed: () => {},
    onCountChanged: () => {},
  });
  const handles = new Map<number, RawHandle>();
  const addresses: ServerAddress[] = [];
  for (const place of settings.listen.keys()) {
    const socket = await ListenSocket.open({
      address: { host: "127.0.0.1", port: 0 },
      backlog: 16,
      scheduling: "shared",
      onConnection: () => assert.fail("it is the worker who accepts"),
      onAcceptError: (code) => assert.fail(code),
    });
    handles.set(place, socket.sharedHandle as RawHandle);
    addresses.push(socket.address as { port: number });
    t.after(() => socket.close());
  }
  listeners.listen(handles);
  t.after(() => {
    listeners.shutdown(0);
    listeners.abortAll();
  });
  return { listeners, meter, addresses };
}

async function statusAt(address: ServerAddress | undefined) {
  assert.ok(address);
  const { responses } = await exchange(address, GET, { responses: 1 });
  return responses[0]?.status;
}

function open(t: TestContext, address: ServerAddress | undefined) {
  assert.ok(address);
  const client = connect(address);
  t.after(() => client.destroy());
  return once(client, "connect");
}

describe("the listeners of a worker", () => {
  test("count their connections together", async (t) => {
    const { listeners, addresses } = await serve(t, {
      maxConnections: 2,
      listen: [{ port: 1 }, { port: 2 }],
    });
    const [one, other] = addresses;
    await Promise.all([open(t, one), open(t, other)]);
    await waitUntil(() => listeners.count === 2, { what: "two connections" });
    assert.equal(listeners.idleCount, 2);
    assert.equal(await statusAt(one), 503);
    assert.equal(await statusAt(other), 503);
    listeners.abortAll();
    await waitUntil(() => listeners.count === 0, { what: "none" });
    assert.equal(await statusAt(other), 200);
  });

  test("have each their own time-outs", async (t) => {
    const { addresses } = await serve(t, {
      listen: [{ port: 1, keepAliveTimeoutMs: 50 }, { port: 2 }],
    });
    const [short, long] = addresses as [ServerAddress, ServerAddress];
    const patient = connect(long);
    t.after(() => patient.destroy());
    patient.write(GET);
    await once(patient, "data");
    const { ending } = await exchange(short, GET, { untilClosed: true });
    assert.equal(ending, "fin");
    patient.write(GET);
    await once(patient, "data");
  });

  test("end all at once", async (t) => {
    const { listeners, addresses } = await serve(t, {
      listen: [{ port: 1 }, { port: 2 }],
    });
    await Promise.all(addresses.map((address) => open(t, address)));
    await waitUntil(() => listeners.count === 2, { what: "two connections" });
    listeners.shutdown(0);
    await waitUntil(() => listeners.count === 0, { what: "none" });
    for (const address of addresses) {
      await assert.rejects(statusAt(address), /ECONNREFUSED|ECONNRESET/);
    }
  });

  test("are refused where a socket did not come", async () => {
    const settings = settingsSchema.parse({ scheduling: "shared" });
    const listeners = new Listeners({
      settings,
      handler: () => text("hello"),
      meter: new Meter(),
      clock: monotonicClock,
      ticketKeys: Buffer.alloc(48),
      onHandshakeFailed: () => {},
      onCountChanged: () => {},
    });
    assert.throws(
      () => listeners.listen(new Map()),
      /did not reach the worker/,
    );
  });
});
