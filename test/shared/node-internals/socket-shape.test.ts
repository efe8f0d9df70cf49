import assert from "node:assert/strict";
import { once } from "node:events";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { SocketShape } from "../../../src/shared/node-internals/socket-shape.ts";

class Shaped extends SocketShape {
  readonly written: string[] = [];

  override _read(): void {
    this.push("read");
    this.push(null);
  }

  override _write(chunk: Buffer, _: string, callback: () => void): void {
    this.written.push(String(chunk));
    setImmediate(callback);
  }

  override _final(callback: () => void): void {
    callback();
  }

  override _destroy(_: unknown, callback: () => void): void {
    callback();
  }
}

describe("the shape of a socket", () => {
  it("passes for a net.Socket, and has its methods", () => {
    const shaped = new Shaped();
    assert.ok(shaped instanceof Socket);
    assert.ok(shaped instanceof Duplex);
    assert.equal(shaped.readyState, "open");
    assert.equal(typeof shaped.setNoDelay, "function");
    assert.equal(shaped.remoteAddress, undefined);
  });

  it("is a stream that reads and writes as its class says", async () => {
    const shaped = new Shaped();
    shaped.write("a");
    shaped.cork();
    shaped.write("b");
    shaped.write("c");
    shaped.uncork();
    shaped.end("d");
    await once(shaped, "finish");
    assert.equal(await text(shaped), "read");
    assert.deepEqual(shaped.written, ["a", "b", "c", "d"]);
  });
});
