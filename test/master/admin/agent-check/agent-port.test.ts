import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import {
  type AgentLimits,
  AgentPort,
} from "../../../../src/master/admin/agent-port.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const ANY = { host: "127.0.0.1", port: 0 };

async function open(
  t: TestContext,
  answer = () => "up ready 75%",
  limits?: AgentLimits,
) {
  const port = await AgentPort.open({ address: ANY }, answer, limits);
  t.after(() => port.close());
  const { address } = port;
  assert.ok("port" in address);
  const connect = (options: { readonly allowHalfOpen?: true } = {}) => {
    const { host, port } = address;
    const client = net.connect({ host, port, ...options });
    t.after(() => client.destroy());
    return client;
  };
  return { port, connect };
}

describe("the port for agent-check", () => {
  it("tells who connects one line, and closes", async (t) => {
    let percent = 75;
    const { connect } = await open(t, () => `up ready ${percent}%`);
    assert.equal(await text(connect()), "up ready 75%\n");
    percent = 50;
    assert.equal(await text(connect()), "up ready 50%\n");
  });

  it("does not wait for what is sent, and loses no answer by it", async (t) => {
    const { connect } = await open(t);
    const client = connect();
    client.write("hello\n".repeat(1_000));
    assert.equal(await text(client), "up ready 75%\n");
  });

  it("cuts off who does not close", async (t) => {
    const { connect } = await open(t);
    const client = connect({ allowHalfOpen: true });
    client.on("error", () => {});
    client.resume();
    await once(client, "end");
    const sending = setInterval(() => client.write("still here\n"), 50);
    t.after(() => clearInterval(sending));
    await new Promise((resolve) => client.on("close", resolve));
  });

  it("has few connections at a time, and drops others", async (t) => {
    const limits = { maxConnections: 2, timeoutMs: 60_000 };
    const { connect } = await open(t, () => "drain", limits);
    const held = [1, 2].map(() => connect({ allowHalfOpen: true }));
    await Promise.all(held.map((client) => once(client.resume(), "end")));
    assert.equal(await text(connect()), "");
    held[0]?.destroy();
    await waitUntil(async () => (await text(connect())) !== "", {
      what: "room for another one",
    });
    held[1]?.destroy();
  });

  it("is closed when the last one has gone", async (t) => {
    const { port, connect } = await open(t);
    const client = connect();
    client.resume();
    await once(client, "end");
    await port.close();
    const late = connect();
    await assert.rejects(once(late, "connect"), /ECONNREFUSED/);
  });
});
