import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { resetFlow } from "../../../src/shared/node-internals/unread-stream.ts";

describe("a stream that is put back to unread", () => {
  for (const state of ["paused", "flowing"] as const) {
    it(`keeps bytes for the first listener: ${state}`, async () => {
      const stream = new PassThrough();
      if (state === "paused") stream.pause();
      else stream.resume();
      resetFlow(stream);
      assert.equal(stream.readableFlowing, null);
      stream.write("kept");
      await turn();
      assert.equal(stream.readableLength, "kept".length);
      const [chunk] = await once(stream, "data");
      assert.equal(String(chunk), "kept");
      assert.equal(stream.readableFlowing, true);
    });
  }
});
