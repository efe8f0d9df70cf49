import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import type { MasterMessage } from "../../../src/shared/ipc-messages.ts";
import {
  HandleQueue,
  type SendHandle,
} from "../../../src/shared/node-internals/handle-queue.ts";
import type { Envelope } from "../../../src/shared/node-internals/ipc-envelope.ts";

/** A child process that answers as the test says. */
class FakeChannel extends EventEmitter {
  readonly sent: string[] = [];
  #callBack: (error: Error | null) => void = () => {};

  send(
    { message }: Envelope<MasterMessage>,
    handle: object | undefined,
    _options: object,
    callBack: (error: Error | null) => void,
  ): void {
    const id = message.type === "connection" ? message.id : "";
    this.sent.push(`${message.type}${id}${handle ? " with handle" : ""}`);
    this.#callBack = callBack;
  }

  answer(cmd: "NODE_HANDLE_ACK" | "NODE_HANDLE_NACK"): void {
    this.emit("internalMessage", { cmd });
  }

  failLast(): void {
    this.#callBack(new Error("EPIPE"));
  }
}

function connection(id: number): MasterMessage {
  return { type: "connection", id, listener: 0, isLate: false };
}

function queueOn(channel: FakeChannel) {
  const taken: MasterMessage[] = [];
  const refused: MasterMessage[] = [];
  const end = channel as unknown as ChildProcess;
  const send = channel.send.bind(channel) as SendHandle;
  const queue = new HandleQueue<MasterMessage>(end, send, {
    onTaken: (message) => taken.push(message),
    onRefused: (message) => refused.push(message),
  });
  return { queue, taken, refused };
}

describe("messages with handles", () => {
  it("go one at a time, and what follows them keeps its place", () => {
    const channel = new FakeChannel();
    const { queue, taken } = queueOn(channel);
    queue.send(connection(1), {});
    queue.send(connection(2), {});
    queue.send({ type: "drain" });
    assert.deepEqual(channel.sent, ["connection1 with handle"]);
    channel.answer("NODE_HANDLE_ACK");
    assert.deepEqual(channel.sent.slice(1), ["connection2 with handle"]);
    channel.answer("NODE_HANDLE_ACK");
    assert.deepEqual(channel.sent.slice(2), ["drain"]);
    assert.deepEqual(taken, [connection(1), connection(2)]);
  });

  it("are refused where the handle did not come with them", () => {
    const channel = new FakeChannel();
    const { queue, taken, refused } = queueOn(channel);
    queue.send(connection(1), {});
    queue.send({ type: "drain" });
    channel.answer("NODE_HANDLE_NACK");
    assert.deepEqual(taken, []);
    assert.deepEqual(refused, [connection(1)]);
    assert.deepEqual(channel.sent, ["connection1 with handle", "drain"]);
  });

  it("hold nothing up where they could not be sent", () => {
    const channel = new FakeChannel();
    const { queue, taken, refused } = queueOn(channel);
    queue.send(connection(1), {});
    queue.send({ type: "drain" });
    channel.failLast();
    assert.deepEqual(taken, []);
    assert.deepEqual(refused, [connection(1)]);
    assert.deepEqual(channel.sent, ["connection1 with handle", "drain"]);
  });

  it("are all refused where the channel has closed", () => {
    const channel = new FakeChannel();
    const { queue, taken, refused } = queueOn(channel);
    let isOver = false;
    queue.send(connection(1), {});
    queue.send(connection(2), {});
    queue.send({ type: "drain" }, undefined, () => {
      isOver = true;
    });
    queue.giveUp();
    assert.deepEqual(taken, []);
    assert.deepEqual(refused, [connection(1), connection(2)]);
    assert.equal(isOver, true);
    assert.deepEqual(channel.sent, ["connection1 with handle"]);
  });

  it("do not wait for what has none", () => {
    const channel = new FakeChannel();
    const { queue } = queueOn(channel);
    queue.send({ type: "reopenLogs" });
    queue.send({ type: "drain" });
    channel.answer("NODE_HANDLE_ACK"); // of nobody's
    assert.deepEqual(channel.sent, ["reopenLogs", "drain"]);
  });
});
