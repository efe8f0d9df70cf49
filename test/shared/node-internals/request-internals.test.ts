import assert from "node:assert/strict";
import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import {
  addFieldLines,
  readByNode,
  setDestroy,
  setRead,
} from "../../../src/shared/node-internals/request-internals.ts";

const FIELDS = ["Host", "a", "X-Twice", "1", "X-Twice", "2"];

describe("an IncomingMessage without a parser", () => {
  it("has the fields that it is given", () => {
    const message = new IncomingMessage(new Socket());
    addFieldLines(message, [...FIELDS]);
    assert.deepEqual(message.rawHeaders, FIELDS);
    assert.deepEqual({ ...message.headers }, { host: "a", "x-twice": "1, 2" });
    assert.deepEqual(message.headersDistinct["x-twice"], ["1", "2"]);
    assert.deepEqual(message.rawTrailers, []);
  });

  it("has fields as trailers once it is complete", () => {
    const message = new IncomingMessage(new Socket());
    message.complete = true;
    addFieldLines(message, [...FIELDS]);
    assert.deepEqual(message.rawTrailers, FIELDS);
    assert.deepEqual({ ...message.trailers }, { host: "a", "x-twice": "1, 2" });
    assert.deepEqual(message.rawHeaders, []);
  });

  it("asks for its body, and its socket to resume", async () => {
    const socket = new Socket();
    let resumed = 0;
    socket.resume = () => {
      resumed++;
      return socket;
    };
    const message = new IncomingMessage(socket);
    const chunks = [Buffer.from("a body"), null];
    setRead(message, function (size) {
      readByNode(this, size);
      this.push(chunks.shift());
    });
    assert.equal(resumed, 0);
    const read: string[] = [];
    message.on("data", (chunk) => read.push(String(chunk)));
    await once(message, "end");
    assert.deepEqual(read, ["a body"]);
    assert.ok(resumed > 0);
  });

  it("is destroyed without its socket", async () => {
    const socket = new Socket();
    const message = new IncomingMessage(socket);
    setDestroy(message, (error, callback) => callback(error));
    message.destroy();
    await once(message, "close");
    assert.equal(socket.destroyed, false);
  });

  it("would end its socket otherwise", async () => {
    const socket = new Socket();
    const message = new IncomingMessage(socket);
    message.destroy();
    await once(message, "close");
    assert.equal(socket.destroyed, true);
  });
});
