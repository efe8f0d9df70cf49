import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { monotonicClock } from "../../src/shared/clock.ts";
import { settingsSchema } from "../../src/shared/config/settings.ts";
import { DescriptorReserve } from "../../src/shared/descriptor-reserve.ts";
import { NOT_STARTED } from "../../src/shared/readiness.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import { Meter } from "../../src/worker/meter.ts";
import { WorkerListeners } from "../../src/worker/worker-listeners.ts";
import { exchange } from "../support/raw-exchange.ts";
import { connect, type ServerAddress } from "../support/server-address.ts";
import { waitUntil } from "../support/wait-until.ts";
import { serveListeners } from "./served-listeners.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

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
    const { listeners, addresses } = await serveListeners(t, {
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
    const { addresses } = await serveListeners(t, {
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
    const { listeners, addresses } = await serveListeners(t, {
      drain: { lingerMs: 0 },
      listen: [{ port: 1 }, { port: 2 }],
    });
    await Promise.all(addresses.map((address) => open(t, address)));
    await waitUntil(() => listeners.count === 2, { what: "two connections" });
    listeners.shutdown();
    await waitUntil(() => listeners.count === 0, { what: "none" });
    for (const address of addresses) {
      await assert.rejects(statusAt(address), /ECONNREFUSED|ECONNRESET/);
    }
  });

  test("linger in a drain as long as their balancers do", async (t) => {
    const { listeners, addresses } = await serveListeners(t, {
      drain: { lingerMs: 0, deadlineMs: 60_000 },
      listen: [{ port: 1, loadBalancerIdleMs: 30_000 }, { port: 2 }],
    });
    const [patient] = addresses as [ServerAddress, ServerAddress];
    const client = connect(patient);
    t.after(() => client.destroy());
    await Promise.all([once(client, "connect"), open(t, addresses[1])]);
    await waitUntil(() => listeners.count === 2, { what: "two connections" });
    listeners.shutdown();
    await waitUntil(() => listeners.count === 1, { what: "one to be closed" });
    client.write(GET);
    const [answer] = await once(client, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 OK.*Connection: close/s);
  });

  test("are refused where a socket did not come", async () => {
    const settings = settingsSchema.parse({ scheduling: "shared" });
    const listeners = new WorkerListeners({
      settings,
      meter: new Meter(),
      clock: monotonicClock,
      reserve: new DescriptorReserve(Number.POSITIVE_INFINITY),
      readiness: NOT_STARTED,
      ticketKeys: Buffer.alloc(48),
      onHandshakeFailed: () => {},
      onProxyHeaderFailed: () => {},
      onDropped: () => {},
      onCountChanged: () => {},
    });
    const handler = () => text("hello");
    listeners.addConfigured({ handler, maxBodyBytes: 0 });
    assert.throws(
      () => listeners.listen(new Map()),
      /did not reach the worker/,
    );
  });
});
