import assert from "node:assert/strict";
import net from "node:net";
import { describe, it } from "node:test";
import { parseListenArguments } from "../../../src/worker/hosting/listen-arguments.ts";

const callback = () => {};

/** The arguments, and what they mean. */
const FORMS: readonly (readonly [unknown[], unknown, number?])[] = [
  [[], { port: 0 }],
  [[undefined, callback], { port: 0 }],
  [[null], { port: 0 }],
  [[callback], { port: 0 }],
  [[3000], { port: 3000 }],
  [["3000", callback], { port: 3000 }],
  [[3000, "::1"], { port: 3000, host: "::1" }],
  [[3000, "[::1]"], { port: 3000, host: "::1" }],
  [[3000, 64], { port: 3000 }, 64],
  [[3000, "a", 64, callback], { port: 3000, host: "a" }, 64],
  [[3000, undefined, callback], { port: 3000 }],
  [["/run/web.sock"], { socketPath: "/run/web.sock" }],
  [["web.sock", 64, callback], { socketPath: "web.sock" }, 64],
  [[{ port: 3000 }], { port: 3000 }],
  [[{ port: "3000", host: "" }], { port: 3000 }],
  [[{ port: undefined }], { port: 0 }],
  [[{ port: 1, path: "/a" }], { port: 1 }],
  [[{ path: "/a", backlog: 9 }, callback], { socketPath: "/a" }, 9],
  [[{ path: "/a", readableAll: true }], { socketPath: "/a", mode: "0777" }],
  [[{ port: 1, ipv6Only: true }], { port: 1, ipv6Only: true }],
  [[{ port: 1, exclusive: true }], { port: 1 }],
  [[{ fd: 3 }], undefined],
];

describe("the arguments of listen()", () => {
  for (const [args, address, backlog] of FORMS) {
    it(`are understood: ${JSON.stringify(args)}`, () => {
      const parsed = parseListenArguments(args);
      assert.deepEqual(parsed.address, address);
      assert.equal(parsed.backlog, backlog);
      const hasCallback = args.includes(callback);
      assert.equal(parsed.callback, hasCallback ? callback : undefined);
    });
  }

  const wrong: readonly unknown[][] = [
    [70_000],
    [-1],
    [1.5],
    [{ port: "x" }],
    [{ port: Number.NaN }],
    [{ port: true }],
    [{}],
    [{ host: "a" }],
    [{ port: 0, signal: "now" }],
  ];
  for (const args of wrong) {
    it(`are refused with Node's code: ${JSON.stringify(args)}`, () => {
      const codeOf = (call: () => unknown) => {
        try {
          call();
        } catch (error) {
          return [
            (error as NodeJS.ErrnoException).code,
            error instanceof Error,
          ];
        }
        return undefined;
      };
      const listen = net.createServer().listen as (
        ...all: unknown[]
      ) => unknown;
      const byNode = codeOf(() => listen.apply(net.createServer(), args));
      const byUs = codeOf(() => parseListenArguments(args));
      assert.deepEqual(byUs, byNode);
    });
  }
});
