import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { checkAnswer } from "../../bench/check-answer.ts";
import { Children } from "../../bench/children.ts";
import { treePids } from "../../bench/process-tree.ts";
import { hello } from "../../bench/scenarios/hello.ts";
import { type ServerName, serverSpec } from "../../bench/server-catalog.ts";
import { ServerProcess } from "../../bench/server-process.ts";
import { canFindProcesses } from "../support/marked-processes.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Whose workers are not what was started, and how many processes that is. */
const MANAGED: readonly (readonly [ServerName, number])[] = [
  ["cluster-http", 2],
  ["pm2-fastify", 3],
];

describe("a server to measure", { skip: !canFindProcesses }, () => {
  for (const [name, processes] of MANAGED) {
    const spec = serverSpec(name, "hello");
    const skip = spec.missing?.();

    it(`${name} answers, and leaves nothing behind`, { skip }, async () => {
      const options = { children: new Children(), core: undefined };
      const server = await ServerProcess.start(spec, {
        ...options,
        isLogged: false,
      });
      let pids: number[] = [];
      try {
        for (const exchange of hello.exchanges) {
          await checkAnswer(server.port, exchange);
        }
        pids = treePids(server.pid);
        assert.equal(pids.length, processes);
        // What starts pm2 is none of it, and node takes 30 MiB or more.
        const mib = (server.usage()?.residentBytes ?? 0) / 2 ** 20;
        assert.ok(mib > 60 && mib < 2 * 120, `${mib} MiB`);
      } finally {
        await server.stop();
      }
      const areGone = () =>
        pids.every((pid) => !existsSync(`/proc/${pid}/exe`));
      await waitUntil(areGone, { what: `all of ${name} to leave` });
    });
  }
});
